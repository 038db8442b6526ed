/** A lease that somebody holds. */
export interface HeldLease {
  readonly holder: string
  /** Its fencing number. */
  readonly number: number
  /** How long it still lasts, in milliseconds by the clock of the store. */
  readonly leftMs: number
}

/** A lease with its name. */
export interface NamedLease extends HeldLease {
  readonly name: string
}

/** A right that one process has at a time, for as long as it renews it. */
export interface Leases {
  /**
   * Takes a lease that is free, expired or already the holder's own, for `forMs` from now by the clock of the store.
   * Resolves to its fencing number, which rises by one whenever the holder changes; or to undefined while another holds it.
   * @throws DURE_LEASE_INVALID
   */
  takeLease(name: string, holder: string, forMs: number): Promise<number | undefined>
  /** Gives it up, if it is the holder's. */
  dropLease(name: string, holder: string): Promise<void>
  /** Who holds it now; undefined if nobody does, or did and did not renew it. A look that changes nothing. */
  readLease(name: string): Promise<HeldLease | undefined>
  /** Every lease that is held now and whose name begins so, in the order of the names. */
  readLeases(prefix: string): Promise<readonly NamedLease[]>
}
