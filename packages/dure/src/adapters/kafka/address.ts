/** Where a broker listens. */
export interface Address {
  readonly host: string
  readonly port: number
}

/** How a client shows who it is. */
export interface Credentials {
  /** `PLAIN` sends the password as it is: use it over TLS only. */
  readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512'
  readonly username: string
  readonly password: string
}
