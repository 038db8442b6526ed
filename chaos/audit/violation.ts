/** Something that a promise of the framework does not allow. */
export interface Violation {
  readonly check:
    | 'answers'
    | 'commands'
    | 'log'
    | 'packing'
    | 'booking'
    | 'parked'
    | 'views'
    | 'tables'
    | 'settling'
  readonly what: string
  /** When the command in question was sent, in milliseconds since 1970. */
  readonly at?: number | undefined
  /** Words by which log lines about it are found. */
  readonly about?: readonly string[]
}
