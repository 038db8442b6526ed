import type { World } from '../../kernel/world.ts'
import type { BreakerOptions } from '../../model/attached/resource.ts'

/**
 * Stops calling what fails. `closed`: calls go through. `open`, after so many failures in a row: none does. `half-open`,
 * after a while: one may try; it closes the breaker or opens it again.
 */
export class Breaker {
  readonly #failures: number
  readonly #openMs: number
  readonly #world: World
  #inRow = 0
  #openedAt: number | undefined
  #trying = false

  constructor({ failures = 5, openMs = 10_000 }: BreakerOptions, world: World) {
    this.#failures = failures
    this.#openMs = openMs
    this.#world = world
  }

  get state(): 'closed' | 'open' | 'half-open' {
    if (this.#openedAt === undefined) return 'closed'
    return this.#world.now().getTime() - this.#openedAt < this.#openMs ? 'open' : 'half-open'
  }

  /** Whether a call may go through. Who may, tells how it ended. */
  mayCall(): boolean {
    const { state } = this
    if (state === 'closed') return true
    if (state === 'open' || this.#trying) return false
    return (this.#trying = true)
  }

  succeeded(): void {
    this.#inRow = 0
    this.#openedAt = undefined
    this.#trying = false
  }

  failed(): void {
    this.#inRow++
    if (this.#trying || this.#inRow >= this.#failures) this.#openedAt = this.#world.now().getTime()
    this.#trying = false
  }

  /** The caller gave up: that says nothing of the service. */
  gaveUp(): void {
    this.#trying = false
  }
}
