import type { World } from '../../kernel/world.ts'
import type { Leases } from '../../ports/leases.ts'
import { LeaseKeeper } from '../bus/lease-keeper.ts'

/** How long a lease lasts that is not renewed: so long after a kill others wait. */
const leaseMs = 10_000

/** Why work is broken off. */
export type Break = 'stopping' | 'lost' | 'cancelled' | 'limit'

/** Thrown where work is broken off. */
export class Broken extends Error {
  override readonly name = 'Broken'
  readonly why: Break
  constructor(why: Break) {
    super(why)
    this.why = why
  }
}

/** The right to work on one job or poller, for as long as the lease can be renewed. */
export class Hold {
  readonly #lease: LeaseKeeper
  readonly #abort = new AbortController()
  readonly #broken = Promise.withResolvers<never>()

  private constructor(lease: LeaseKeeper) {
    this.#lease = lease
    this.#broken.promise.catch(() => undefined)
    lease.onLoss(() => this.break('lost'))
  }

  /** Undefined while another process holds it. */
  static async take(leases: Leases, name: string, holder: string, world: World): Promise<Hold | undefined> {
    const lease = new LeaseKeeper(leases, name, holder, leaseMs, world)
    return (await lease.take()) ? new Hold(lease) : undefined
  }

  get signal(): AbortSignal {
    return this.#abort.signal
  }

  /** Breaks the work off; the first reason counts. */
  break(why: Break): void {
    if (this.#abort.signal.aborted) return
    const broken = new Broken(why)
    this.#abort.abort(broken)
    this.#broken.reject(broken)
  }

  /** Waits for what the user's code does, but no longer than the work may go on. */
  async within<T>(work: Promise<T>): Promise<T> {
    this.check()
    return Promise.race([work, this.#broken.promise])
  }

  /** Throws `Broken` if the work is not to go on. */
  check(): void {
    this.#abort.signal.throwIfAborted()
  }

  async release(): Promise<void> {
    await this.#lease.drop()
  }
}
