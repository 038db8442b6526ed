import type { ContextRuntime } from '../app/context-runtime.ts'
import type { World } from '../kernel/world.ts'
import type { Leases } from '../ports/leases.ts'
import type { Log } from './log.ts'
import type { Role } from './placement.ts'

/** How often a process says that it is there, and after how long without a word it is not, in milliseconds. */
const [everyMs, goneMs] = [5000, 15_000]
/** Before the number of a place, in the names of the leases. */
const prefix = 'process '

/** A process as it tells others of itself. */
export interface ProcessInfo {
  /** Unique. */
  readonly id: string
  /** Name of the machine, or of the container. */
  readonly host: string
  readonly pid: number
  readonly roles: readonly Role[]
  /** Of the program; empty where it does not say. */
  readonly release: string
  readonly since: Date
}

/**
 * Says in the store of each context that this process runs it, for as long as it does. What is over vanishes by the clock of
 * the store, so it does not matter how wrong the clocks of processes are. Places are used again, so none are left behind.
 */
export class Heartbeat {
  readonly #contexts: readonly Pick<ContextRuntime, 'store'>[]
  readonly #holder: string
  readonly #world: World
  readonly #log: Log
  readonly #places = new Map<Leases, string>()
  #stopped = false
  #beating: Promise<unknown> = Promise.resolve()
  #cancel: () => void = () => undefined

  constructor(contexts: readonly Pick<ContextRuntime, 'store'>[], info: ProcessInfo, world: World, log: Log) {
    this.#contexts = contexts
    this.#holder = JSON.stringify(info)
    this.#world = world
    this.#log = log
  }

  start(): void {
    this.#beating = Promise.all(this.#contexts.map(({ store }) => this.#beat(store)))
    this.#cancel = this.#world.after(everyMs, () => {
      void this.#beating.then(() => this.#stopped || this.start())
    })
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel()
    await this.#beating
    await Promise.all(
      Array.from(this.#places, ([store, place]) =>
        store.dropLease(place, this.#holder).catch(() => undefined),
      ),
    )
  }

  async #beat(store: Leases): Promise<void> {
    try {
      const place = this.#places.get(store)
      if (place !== undefined && (await store.takeLease(place, this.#holder, goneMs)) !== undefined) return
      await this.#takePlace(store)
    } catch (error) {
      // Whoever looks does not see the process for a moment; nothing else follows.
      this.#log('debug', 'a process could not say that it is there', { error })
    }
  }

  async #takePlace(store: Leases): Promise<void> {
    const taken = new Set((await store.readLeases(prefix)).map((it) => it.name))
    for (let i = 0; !this.#stopped; i++) {
      const name = `${prefix}${i}`
      if (taken.has(name) || (await store.takeLease(name, this.#holder, goneMs)) === undefined) continue
      this.#places.set(store, name)
      return
    }
  }
}

/** The processes that run a context now. */
export async function readProcesses(store: Leases): Promise<readonly ProcessInfo[]> {
  return (await store.readLeases(prefix)).flatMap(({ holder }) => {
    try {
      const { since, ...info } = JSON.parse(holder) as Omit<ProcessInfo, 'since'> & { since: string }
      return [{ ...info, since: new Date(since) }]
    } catch {
      return []
    }
  })
}
