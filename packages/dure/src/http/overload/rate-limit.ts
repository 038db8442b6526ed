import { fault } from '../../kernel/errors/fault.ts'
import type { World } from '../../kernel/world.ts'

interface Bucket {
  tokens: number
  at: number
}

const MOST = 10_000

/**
 * So many requests a second of each caller, and as many at once after a second's rest (a token bucket). Of callers that were
 * not heard of for a while nothing is kept.
 */
export class RateLimit {
  readonly #perSecond: number
  readonly #world: World
  readonly #buckets = new Map<string, Bucket>()

  constructor(perSecond: number, world: World) {
    this.#perSecond = perSecond
    this.#world = world
  }

  /** Takes one request of a tenant, else of an actor, else of an address. @throws DURE_HTTP_RATE_LIMITED */
  take({ tenant, actor }: { readonly tenant: string; readonly actor: string }, address: string): void {
    const caller = tenant !== '' ? `t ${tenant}` : actor !== 'anonymous' ? `u ${actor}` : `a ${address}`
    const now = this.#world.now().getTime()
    const bucket = this.#bucketOf(caller, now)
    // A clock that is set back gives nothing and takes nothing.
    const passed = Math.max(0, now - bucket.at)
    bucket.tokens = Math.min(this.#perSecond, bucket.tokens + (passed * this.#perSecond) / 1000)
    bucket.at = now
    if (bucket.tokens < 1) {
      const retryAfterSeconds = Math.max(1, Math.ceil((1 - bucket.tokens) / this.#perSecond))
      throw fault('DURE_HTTP_RATE_LIMITED', { perSecond: this.#perSecond, retryAfterSeconds })
    }
    bucket.tokens--
  }

  #bucketOf(caller: string, now: number): Bucket {
    const known = this.#buckets.get(caller)
    if (known !== undefined) return known
    if (this.#buckets.size >= MOST) this.#forget(now)
    const fresh = { tokens: this.#perSecond, at: now }
    this.#buckets.set(caller, fresh)
    return fresh
  }

  // A bucket of a second ago is full again, as a new one is. Where most are younger the older half goes: nobody's names fill
  // memory, and looking for room is rare.
  #forget(now: number): void {
    for (const [caller, { at }] of this.#buckets) if (now - at >= 1000) this.#buckets.delete(caller)
    for (const caller of this.#buckets.keys()) {
      if (this.#buckets.size <= MOST / 2) return
      this.#buckets.delete(caller)
    }
  }
}
