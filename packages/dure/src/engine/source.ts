import type { ContextRuntime } from '../app/context-runtime.ts'
import type { EpochStart, LogReader } from '../ports/event-store.ts'
import type { Arrival } from './arrival.ts'

/** Where the events of a consumer come from: the log of one context. */
export interface Source {
  /** Name of the context. */
  readonly name: string
  /** Epoch of its log, the last of `epochs`. It may change while the process runs. */
  readonly epoch: string
  /** The lineage of its log, from the first epoch to the present one. */
  readonly epochs: readonly EpochStart[]
  /** The event at a position; undefined where the log has none there, or no longer. */
  find(position: number): Promise<Arrival | undefined>
  /** Calls back when `epoch` has changed; returns the way to stop it. */
  onEpoch(listener: () => void): () => void
  /** Reads its log after a position, for who has missed something or is far behind. */
  openLog(after: number): Pick<LogReader, 'next' | 'mark'>
}

/** Some events of a source, in the order of their positions. */
export interface Page {
  readonly events: readonly Arrival[]
  /** The events are all that there are up to here. */
  readonly through: number
}

/** What hands the events of a source to its consumers, page by page. */
export interface Pages {
  /** Events after a position; waits until there is something new, or nothing will come any more. */
  after(position: number): Promise<Page>
}

/** The log of a context that runs in this process. */
export function localSource({ name, store }: Pick<ContextRuntime, 'name' | 'store'>): Source {
  return {
    name,
    get epoch() {
      return store.epoch
    },
    get epochs() {
      return store.epochs
    },
    async find(position) {
      const [event] = await store.openLog(position - 1, 'skip').next(1)
      return event?.position === position ? event : undefined
    },
    onEpoch: (listener) => store.onEpoch(() => listener()),
    openLog: (after) => store.openLog(after),
  }
}
