/** What one of a group costs here and in the store, roughly; the rest of a round trip is flushing and the way. */
const ITEM_MS = 0.03
/** Below so many the two statements cost more than is won. */
const FEWEST = 64
/** An outlier is forgotten in some hundred runs. */
const FORGETTING = 1.01

/**
 * Whether what waits goes in two halves side by side, so that this process works at one while the store does at the other.
 * Where a flush takes longer than the work on all of them, one flush for all is better than two in a row.
 */
export class Pace {
  #quickestMs = 0

  /** The time at which something begins, to be given to `ended`. */
  begin(): number {
    return performance.now()
  }

  ended(begun: number): void {
    const ms = performance.now() - begun
    this.#quickestMs = this.#quickestMs === 0 ? ms : Math.min(ms, this.#quickestMs * FORGETTING)
  }

  halves(count: number): boolean {
    return count >= FEWEST && count * ITEM_MS > this.#quickestMs
  }
}
