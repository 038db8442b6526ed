import type { ContextRuntime } from '../app/context-runtime.ts'
import type { EpochStart } from '../ports/event-store.ts'
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
  openLog(after: number): SourceReader
  /** Asks for the lineage anew, where it is not known by itself. @throws DURE_SOURCE_UNAVAILABLE */
  refresh?(): Promise<void>
  /** Up to here its events were moved into files, so that nobody can begin before. */
  archivedTo(): Promise<number>
}

/** Reads a log as `LogReader` does, whatever its events look like. */
export interface SourceReader {
  next(limit: number): Promise<readonly Arrival[]>
  readonly mark: number
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
    archivedTo: async () => (await store.archivedTo?.()) ?? 0,
  }
}
