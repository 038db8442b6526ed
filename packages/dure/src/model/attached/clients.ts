/** Values that may be lost at any time, under keys, for a limited time. */
export interface Cache<V> {
  /** The value under the key; undefined where there is none, it has expired, or another release wrote it in another shape. */
  get(key: string): Promise<V | undefined>
  set(key: string, value: V, options: { readonly ttlMs: number }): Promise<void>
  delete(key: string): Promise<void>
  /**
   * The value under the key, else the one that `load` makes, which is then put there. A cache that is away costs a load, and
   * never fails the caller.
   */
  through(key: string, options: { readonly ttlMs: number }, load: () => Promise<V>): Promise<V>
}

/** An object as it was put. */
export interface StoredObject {
  readonly bytes: Uint8Array
  readonly type: string
}

/** Bytes under keys, kept until they are deleted. */
export interface ObjectStore {
  /** Puts the object there, whatever was before. `type` is its media type, application/octet-stream when absent. */
  put(key: string, bytes: Uint8Array | string, options?: { readonly type?: string }): Promise<void>
  get(key: string): Promise<StoredObject | undefined>
  /** Also succeeds where nothing is. */
  delete(key: string): Promise<void>
  /** Keys that begin so, in order of their UTF-8 bytes, all of them unless `limit` says otherwise. */
  list(prefix: string, options?: { readonly limit?: number }): Promise<readonly string[]>
  /** A URL under which anybody can get the object until it expires; 15 minutes when absent, 7 days at most. */
  urlFor(key: string, options?: { readonly expiresMs?: number }): Promise<string>
}

/** What a request to a third party may say. */
export interface ThirdPartyRequest {
  /** Added to the path. */
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON. */
  readonly json?: unknown
  /** Sent as the header `idempotency-key`. A handler may run again, so what has an effect needs one. */
  readonly key?: string
  /** Instead of the time-out of the resource. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

/** What a third party answered. */
export interface ThirdPartyAnswer {
  /** Whether the status is 2xx. Others below 500 are answers too; from 500 on, and 429, they are failures. */
  readonly ok: boolean
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** The body, read as JSON where its type says so, else as text; read it by a schema. */
  readonly body: unknown
}

/** A service of somebody else, spoken to over HTTP. Nothing is tried again by itself. */
export interface ThirdParty {
  /** @throws DURE_RESOURCE_UNAVAILABLE after a failure, a time-out, or at once while the breaker is open */
  get(path: string, request?: ThirdPartyRequest): Promise<ThirdPartyAnswer>
  post(path: string, request?: ThirdPartyRequest): Promise<ThirdPartyAnswer>
  request(method: string, path: string, request?: ThirdPartyRequest): Promise<ThirdPartyAnswer>
}

/** Rows of another SQL database. */
export interface SqlQueries {
  /** Rows as objects; `$1` in the statement is the first of the values. The rows are unchecked: read them by a schema. */
  query(statement: string, values?: readonly unknown[]): Promise<readonly Readonly<Record<string, unknown>>[]>
}

/** Another SQL database than the one Dure keeps its log in. */
export interface Database extends SqlQueries {
  /** Commits when the work resolves, rolls back when it throws. It has nothing to do with the transaction of a command. */
  transaction<T>(work: (sql: SqlQueries) => Promise<T>): Promise<T>
}

/** Subjects of a NATS server, to speak with programs that are not of this system. Its own contexts speak by contracts. */
export interface Broker {
  /** Hands the message to the server, at most once: nobody keeps it. */
  publish(subject: string, message: unknown): Promise<void>
  /** Asks and waits for one answer. @throws DURE_RESOURCE_UNAVAILABLE where nobody answers in time */
  ask(subject: string, message: unknown, options?: { readonly timeoutMs?: number }): Promise<unknown>
}
