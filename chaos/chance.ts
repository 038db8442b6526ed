/** Chance that follows from a seed: the same seed, the same throws. */
export class Chance {
  #state: number

  constructor(seed: number, purpose = '') {
    let state = seed >>> 0
    for (const letter of purpose) state = Math.imul(state ^ letter.charCodeAt(0), 0x01000193) >>> 0
    this.#state = state
  }

  /** 0 to below 1 (mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let t = this.#state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }

  /** A whole number from `from` to `to`, both included. */
  whole(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1))
  }

  /** True in so many of a hundred cases. */
  percent(of100: number): boolean {
    return this.next() * 100 < of100
  }

  pick<T>(from: readonly [T, ...T[]]): T {
    return from[Math.floor(this.next() * from.length)] as T
  }

  /** As `pick`, each as often as its weight says. */
  weighed<T>(from: readonly (readonly [weight: number, T])[]): T {
    let left = this.next() * from.reduce((sum, [weight]) => sum + weight, 0)
    for (const [weight, it] of from) if ((left -= weight) < 0) return it
    return (from.at(-1) as readonly [number, T])[1]
  }
}
