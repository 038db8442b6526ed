/** What Dure uses of a `Pool` of the package `pg`; any object of this shape will do. */
export interface PgPool {
  query(query: PgQuery): Promise<PgResult>
  connect(): Promise<PgClient>
  end(): Promise<void>
  on?(event: 'error', listener: (error: Error) => void): unknown
  off?(event: 'error', listener: (error: Error) => void): unknown
  /** Only read to name the store. */
  readonly options?: {
    readonly connectionString?: string | undefined
    readonly host?: string | undefined
    readonly database?: string | undefined
  }
}

/** A connection taken from the pool. */
export interface PgClient {
  query(query: PgQuery): Promise<PgResult>
  /** With `true` the connection is closed instead of used again. */
  release(destroy?: boolean): void
  on?(event: 'error', listener: (error: Error) => void): unknown
  off?(event: 'error', listener: (error: Error) => void): unknown
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
