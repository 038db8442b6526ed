import type { World } from '../kernel/world.ts'
import type { Storage } from '../ports/store.ts'
import type { Log } from './log.ts'

const everyMs = 3_600_000

/** Lets the storage see to itself every hour, as long as the host runs. */
export class Upkeep {
  readonly #storage: Storage
  readonly #world: World
  readonly #log: Log
  #cancel: () => void = () => undefined
  #running: Promise<void> = Promise.resolve()

  constructor(storage: Storage, world: World, log: Log) {
    this.#storage = storage
    this.#world = world
    this.#log = log
  }

  start(): void {
    this.#cancel = this.#world.after(everyMs, () => {
      this.#running = this.#storage
        .maintain()
        .catch((error: unknown) => this.#log('warn', 'upkeep of the store failed, trying again', { error }))
      this.start()
    })
  }

  stop(): Promise<void> {
    this.#cancel()
    return this.#running
  }
}
