import type { World } from '../../kernel/world.ts'
import type { Leases } from '../../ports/leases.ts'

/** Holds a lease for as long as it can be renewed in time. */
export class LeaseKeeper {
  readonly #leases: Leases
  readonly #name: string
  readonly #holder: string
  readonly #forMs: number
  readonly #world: World
  #heldUntil = 0
  #cancel: () => void = () => undefined
  #lost: () => void = () => undefined

  constructor(leases: Leases, name: string, holder: string, forMs: number, world: World) {
    this.#leases = leases
    this.#name = name
    this.#holder = holder
    this.#forMs = forMs
    this.#world = world
  }

  /** By the clock of this process, counted from before the lease was asked for: it never believes to hold it longer. */
  get held(): boolean {
    return this.#world.now().getTime() < this.#heldUntil
  }

  /** Called once when the lease is lost; returns the way to forget it. */
  onLoss(listener: () => void): () => void {
    this.#lost = listener
    return () => (this.#lost = () => undefined)
  }

  /** Takes the lease if it can be had, and renews it from then on. */
  async take(): Promise<boolean> {
    this.#cancel()
    const taken = await this.#renew()
    if (taken) this.#renewLater()
    return taken
  }

  async drop(): Promise<void> {
    this.#cancel()
    if (this.#heldUntil === 0) return
    this.#heldUntil = 0
    await this.#leases.dropLease(this.#name, this.#holder)
  }

  async #renew(): Promise<boolean> {
    const asked = this.#world.now().getTime()
    const number = await this.#leases.takeLease(this.#name, this.#holder, this.#forMs)
    this.#heldUntil = number === undefined ? 0 : asked + this.#forMs
    return number !== undefined
  }

  #renewLater(): void {
    this.#cancel = this.#world.after(this.#forMs / 4, () => {
      void this.#renew()
        // A store that does not answer leaves the lease as it is, until it is over.
        .catch(() => this.held)
        .then((held) => (held ? this.#renewLater() : this.#lost()))
    })
  }
}
