/** What a server writes lies in `folder`. It ends with this process unless it `stays`. */
export interface Place {
  readonly folder: string
  /** Chosen, and remembered in the folder, when absent. */
  readonly port?: number
  readonly stays?: boolean
}

export interface StartOptions {
  readonly say?: (line: string) => void
  readonly signal?: AbortSignal
}

/** A server that can be started, stopped and killed over and over, on the same port and data. */
export interface Instance {
  readonly name: string
  readonly folder: string
  /** Where the server keeps its data, inside of `folder`. */
  readonly data: string
  readonly log: string
  readonly port: number
  readonly url: string
  /** Of the server's first process, while it runs. */
  readonly pid: number | undefined
  /** When it was started, as an ISO time, while it runs. */
  readonly since: string | undefined
  /** Resolves to the server's version while it runs and answers, else to undefined. */
  probe(): Promise<string | undefined>
  /** Installs what is missing, and resolves to the server's version once it answers. */
  start(options?: StartOptions): Promise<string>
  /** In good order: nothing is left to recover. */
  stop(): Promise<void>
  /** SIGKILL to the server and all its processes; resolves when they are gone. */
  kill(): Promise<void>
  restart(options?: StartOptions): Promise<string>
  /** Removes the data of a server that does not run; the next start begins with nothing. */
  wipe(): Promise<void>
  /** Stops it and removes the folder. */
  remove(): Promise<void>
}

export interface PostgresPlace extends Place {
  readonly major: 15 | 18
  /** Go into postgresql.conf when the data is made. */
  readonly settings?: Readonly<Record<string, string>>
  /** Stands before the server's command: `['env', 'NAME=value']`. */
  readonly through?: readonly string[]
}

export interface NatsPlace extends Place {
  /** `current` when absent. */
  readonly version?: 'current' | '2.9'
}

export interface KafkaPlace extends Place {
  /** Go into server.properties when the data is made. */
  readonly settings?: Readonly<Record<string, string | number | boolean>>
}

export interface PgbouncerPlace extends Place {
  /** `1.24` when absent; 1.18 knows nothing of prepared statements. */
  readonly version?: '1.24' | '1.18'
  /** URL of the PostgreSQL behind, or a function that is asked for it at each start. */
  readonly target: string | (() => string | Promise<string>)
  /** Go into the section [pgbouncer], on top of pooling by transactions. */
  readonly settings?: Readonly<Record<string, string | number>>
}

export function createPostgres(place: PostgresPlace): Promise<Instance>
export function createNats(place: NatsPlace): Promise<Instance>
export function createKafka(place: KafkaPlace): Promise<Instance>
export function createPgbouncer(place: PgbouncerPlace): Promise<Instance>
export function createRedis(place: Place): Promise<Instance>
