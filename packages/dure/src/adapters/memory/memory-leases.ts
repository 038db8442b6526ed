import type { HeldLease, NamedLease } from '../../ports/leases.ts'

interface Lease {
  holder: string
  number: number
  until: number
}

/** Who holds what, until when. */
export class MemoryLeases {
  readonly #leases = new Map<string, Lease>()
  readonly #now: () => number

  /** `now`: milliseconds of any clock. */
  constructor(now: () => number) {
    this.#now = now
  }

  take(name: string, holder: string, forMs: number): number | undefined {
    const now = this.#now()
    const found = this.#leases.get(name)
    if (found === undefined) {
      this.#leases.set(name, { holder, number: 1, until: now + forMs })
      return 1
    }
    if (found.holder !== holder) {
      if (found.until > now) return undefined
      found.holder = holder
      found.number++
    }
    found.until = now + forMs
    return found.number
  }

  /** The number stays, so that the next holder has a higher one. */
  drop(name: string, holder: string): void {
    const found = this.#leases.get(name)
    if (found?.holder === holder) found.until = Number.NEGATIVE_INFINITY
  }

  readAll(prefix: string): readonly NamedLease[] {
    return [...this.#leases.keys()].toSorted().flatMap((name) => {
      const held = name.startsWith(prefix) ? this.read(name) : undefined
      return held === undefined ? [] : [{ name, ...held }]
    })
  }

  read(name: string): HeldLease | undefined {
    const found = this.#leases.get(name)
    const leftMs = found === undefined ? 0 : found.until - this.#now()
    return found === undefined || leftMs <= 0
      ? undefined
      : { holder: found.holder, number: found.number, leftMs }
  }
}
