import type { World } from '../../kernel/world.ts'
import type { Leases } from '../../ports/leases.ts'

/** How long after its holder was killed others may take over: a lease lasts so long without being renewed. */
const leaseMs = 3000
const renewMs = 1000

/** How long others count as there after one of them was met. */
const rivalsMs = 30_000

/** What the consumers of one process have of the work: who has much of it lets others go first. */
export class WorkShare {
  #held = 0
  #refused = Number.NEGATIVE_INFINITY

  count(change: 1 | -1): void {
    this.#held += change
  }

  /** Another process has what was asked for. */
  refused(nowMs: number): void {
    this.#refused = nowMs
  }

  handicapMs(nowMs: number): number {
    return nowMs - this.#refused < rivalsMs ? Math.min(40, this.#held * 5) : 0
  }
}

/**
 * The right to do the work of one consumer, so that replicas share the consumers among them instead of racing for every
 * event. It is taken when there is work, renewed as long as there is, and left to lapse when there is none: what is idle
 * writes nothing. Effects stay right without it, by the watermarks: it only saves work that would be done in vain.
 */
export class WorkLease {
  readonly #leases: Leases
  readonly #name: string
  readonly #holder: string
  readonly #world: World
  #until = 0
  #number = 0
  #used = false
  #dropped = false
  #renewing: Promise<unknown> = Promise.resolve()
  readonly #share: WorkShare
  #cancel: () => void = () => undefined

  constructor(leases: Leases, name: string, holder: string, world: World, share: WorkShare) {
    this.#leases = leases
    this.#share = share
    this.#name = name
    this.#holder = holder
    this.#world = world
  }

  /** Whether it is held, by the clock of this process; asked before work that is then done, which keeps it. */
  get held(): boolean {
    this.#used = true
    return this.#world.now().getTime() < this.#until
  }

  /**
   * Takes it, if it can be had: `again` where nobody else has had it since this process did, `anew` where somebody may
   * have. Undefined while another process has it.
   */
  async take(): Promise<'again' | 'anew' | undefined> {
    const number = await this.#renew()
    if (number === undefined) this.#share.refused(this.#world.now().getTime())
    if (number === undefined) return undefined
    this.#renewLater()
    const same = number === this.#number
    this.#number = number
    return same ? 'again' : 'anew'
  }

  /** How long to let others go first, who may have less to do, in milliseconds. */
  get handicapMs(): number {
    return this.#share.handicapMs(this.#world.now().getTime())
  }

  /** Gives it up for good, so that another process need not wait. */
  async drop(): Promise<void> {
    this.#cancel()
    this.#dropped = true
    await this.#renewing
    if (this.#until === 0) return
    this.#hold(0)
    await this.#leases.dropLease(this.#name, this.#holder)
  }

  async #renew(): Promise<number | undefined> {
    if (this.#dropped) return undefined
    const asked = this.#world.now().getTime()
    const taking = this.#leases.takeLease(this.#name, this.#holder, leaseMs)
    this.#renewing = taking.catch(() => undefined)
    const number = await taking
    this.#hold(number === undefined ? 0 : asked + leaseMs)
    return number
  }

  #hold(until: number): void {
    if (until > 0 !== this.#until > 0) this.#share.count(until > 0 ? 1 : -1)
    this.#until = until
  }

  #renewLater(): void {
    this.#cancel()
    this.#used = false
    this.#cancel = this.#world.after(renewMs, () => {
      if (!this.#used || this.#dropped) return
      void this.#renew()
        // A store that does not answer leaves the lease as it is, until it is over.
        .catch(() => (this.#world.now().getTime() < this.#until ? this.#number : undefined))
        .then((number) => number === undefined || this.#dropped || this.#renewLater())
    })
  }
}
