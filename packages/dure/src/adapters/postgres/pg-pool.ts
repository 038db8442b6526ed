/** What Dure uses of a `Pool` of the package `pg`; any object of this shape will do. */
export interface PgPool {
  connect(): Promise<PgClient>
  end(): Promise<void>
  on?(event: 'error', listener: (error: Error) => void): unknown
  on?(event: 'connect', listener: (client: PgClient) => void): unknown
  off?(event: 'error', listener: (error: Error) => void): unknown
  off?(event: 'connect', listener: (client: PgClient) => void): unknown
  /** Only read to name the store, and to know how many connections there can be. */
  readonly options?: {
    readonly connectionString?: string | undefined
    readonly host?: string | undefined
    readonly database?: string | undefined
    readonly max?: number | undefined
  }
}

/** A connection taken from the pool. */
export interface PgClient {
  query(query: PgQuery): Promise<PgResult>
  /** Of the server's process, as the server said when the connection began; a pooler says something else. */
  readonly processID?: number | null
  /** With `true` the connection is closed instead of used again. */
  release(destroy?: boolean): void
  on?(event: 'error', listener: (error: Error) => void): unknown
  on?(event: 'notification', listener: (message: PgNotification) => void): unknown
  on?(event: 'end', listener: () => void): unknown
  off?(event: 'error', listener: (error: Error) => void): unknown
  /** From then on the connection does not keep the process alive. */
  unref?(): void
}

/** What another connection has sent with NOTIFY. */
export interface PgNotification {
  readonly channel: string
  readonly payload?: string | undefined
  /** Of the server's process that serves the sender. */
  readonly processId: number
}

export interface PgQuery {
  /** Makes it a prepared statement of the connection. */
  readonly name?: string
  readonly text: string
  readonly values?: unknown[]
  readonly rowMode?: 'array'
  readonly types?: { readonly getTypeParser: () => (text: string) => string }
}

export interface PgResult {
  /** What the server says it has done. */
  readonly command?: string
  readonly rows: readonly unknown[]
}
