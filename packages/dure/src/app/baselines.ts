import type { AggregateDefinition, State } from '../domain/aggregate-definition.ts'
import { restore } from '../domain/restore.ts'
import type { EventStore, StreamId } from '../ports/event-store.ts'

/** How many aggregates a process remembers of each context. */
const limit = 10_000

/** An aggregate at a version. `state` is undefined before it exists and once it has ended. */
export interface Baseline {
  readonly version: number
  readonly state: State | undefined
  readonly ended: boolean
  /** Just read from the store. Else remembered: another process may have changed the aggregate since. */
  readonly certain: boolean
}

/**
 * The aggregates this process has lately seen, so that deciding again on one costs no read of its whole past. A remembered
 * state is only a place to begin: what is decided on it is stored under its version, which refuses what is stale; and
 * whoever would answer without storing anything (a rejection, nothing to do) reads first.
 */
export class Baselines {
  readonly #store: EventStore
  // In the order of use, the longest unused first.
  readonly #known = new Map<string, Baseline>()

  constructor(store: EventStore) {
    this.#store = store
  }

  /** The aggregate as remembered, or as read from the store where nothing is. */
  async recall(aggregate: AggregateDefinition, stream: StreamId): Promise<Baseline> {
    const key = streamKey(stream)
    const known = this.#known.get(key)
    if (known === undefined) return this.read(aggregate, stream)
    this.#known.delete(key)
    this.#known.set(key, known)
    return known
  }

  /** The aggregate as the store has it; only what came since the remembered version is read. */
  async read(aggregate: AggregateDefinition, stream: StreamId): Promise<Baseline> {
    const known = this.#known.get(streamKey(stream))
    const { version, ended, events } = await this.#store.readStream(stream, known?.version)
    if (known !== undefined && version < known.version) {
      // The store was restored to an earlier day under this process.
      this.#known.delete(streamKey(stream))
      return this.read(aggregate, stream)
    }
    const state = ended ? undefined : restore(aggregate, stream.id, events, known?.state)
    this.remember(stream, { version, state, ended })
    return { version, state, ended, certain: true }
  }

  /** Keeps what is known to be stored. */
  remember(stream: StreamId, { version, state, ended }: Omit<Baseline, 'certain'>): void {
    const key = streamKey(stream)
    this.#known.delete(key)
    if (version === 0 || ended) return
    this.#known.set(key, { version, state, ended, certain: false })
    if (this.#known.size > limit) this.#known.delete(this.#known.keys().next().value as string)
  }
}

/** The key of a stream within a process. */
export function streamKey(stream: StreamId): string {
  return `${stream.tenant}\n${stream.aggregate}\n${stream.id}`
}
