import { Rejection, type AggregateDefinition, type State } from '../domain/aggregate-definition.ts'
import type { Decided } from '../domain/decide.ts'
import { restore } from '../domain/restore.ts'
import type { EventStore, StreamId } from '../ports/event-store.ts'
import { streamKey } from '../ports/storable.ts'

/** How many aggregates a process remembers of each context, at most. */
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
 * whoever would answer without storing anything (a rejection, nothing to do, an error) reads first.
 */
export class Baselines {
  readonly #store: EventStore
  // Two generations: when the younger is full it becomes the older, and what nobody has used since is gone. One map in
  // the order of use would be looked through from its beginning, past all that it has forgotten, to forget one more.
  #young = new Map<string, Baseline>()
  #old = new Map<string, Baseline>()

  constructor(store: EventStore) {
    this.#store = store
  }

  /** The aggregate as remembered, or as read from the store where nothing is. */
  async recall(aggregate: AggregateDefinition, stream: StreamId): Promise<Baseline> {
    const key = streamKey(stream)
    const young = this.#young.get(key)
    if (young !== undefined) return young
    const old = this.#old.get(key)
    if (old === undefined) return this.read(aggregate, stream)
    this.#keep(key, old)
    return old
  }

  /** The aggregate as the store has it; only what came since the remembered version is read. */
  async read(aggregate: AggregateDefinition, stream: StreamId): Promise<Baseline> {
    const key = streamKey(stream)
    const known = this.#young.get(key) ?? this.#old.get(key)
    const { version, ended, events } = await this.#store.readHistory(stream, known?.version)
    if (known !== undefined && version < known.version) {
      // The store was restored to an earlier day under this process.
      this.#forget(key)
      return this.read(aggregate, stream)
    }
    const state = ended ? undefined : restore(aggregate, stream.id, events, known?.state)
    this.remember(stream, { version, state, ended })
    return { version, state, ended, certain: true }
  }

  /** Keeps what is known to be stored. */
  remember(stream: StreamId, { version, state, ended }: Omit<Baseline, 'certain'>): void {
    const key = streamKey(stream)
    if (version === 0 || ended) this.#forget(key)
    else this.#keep(key, { version, state, ended, certain: false })
  }

  #keep(key: string, baseline: Baseline): void {
    this.#young.set(key, baseline)
    if (this.#young.size < limit / 2) return
    this.#old = this.#young
    this.#young = new Map()
  }

  #forget(key: string): void {
    this.#young.delete(key)
    this.#old.delete(key)
  }
}

/**
 * What is decided on a state, or undefined where a remembered one is to be read and decided on again: a rejection, nothing
 * to do or an error store nothing under its version, so nothing would prove it right.
 */
export function onState(it: Baseline, decide: () => Decided | Rejection): Decided | Rejection | undefined {
  if (it.certain) return decide()
  try {
    const decided = decide()
    return decided instanceof Rejection || decided.events.length === 0 ? undefined : decided
  } catch {
    return undefined
  }
}
