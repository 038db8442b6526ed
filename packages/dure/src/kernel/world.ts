/**
 * Everything that is not decided by the inputs: time, chance, identity, timers. All code of Dure takes it as an
 * argument, so that tests and simulation can hold it still.
 */
export interface World {
  now(): Date
  /** In [0, 1). */
  random(): number
  /** A fresh, time-ordered identifier (UUID version 7, RFC 9562). */
  newId(): string
  /** Runs once after a delay in ms; the returned function cancels. Keeps a process alive only if `alive` says so. */
  after(delayMs: number, run: () => void, alive?: boolean): () => void
}
