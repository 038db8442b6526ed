import { createHash } from 'node:crypto'
import type { World } from '../kernel/world.ts'
import type { Verified } from './identity.ts'

const HOLD_MS = 30_000
const MOST = 2000

/**
 * Tokens that were found right moments ago: one comes with many requests, and checking a signature costs more than most
 * queries. Held for 30 seconds, and never longer than the token, by a digest, so that no token stays in memory.
 */
export class VerifiedTokens {
  readonly #world: World
  readonly #held = new Map<string, { readonly verified: Verified; readonly until: number }>()

  constructor(world: World) {
    this.#world = world
  }

  async get(token: string, context: string, verify: () => Promise<Verified>): Promise<Verified> {
    const key = createHash('sha256').update(context).update('\0').update(token).digest('base64')
    const now = this.#world.now().getTime()
    const held = this.#held.get(key)
    if (held !== undefined && now < held.until) return held.verified
    const verified = await verify()
    if (this.#held.size >= MOST) this.#held.clear()
    this.#held.set(key, { verified, until: Math.min(now + HOLD_MS, verified.until.getTime()) })
    return verified
  }
}
