import type { StreamId } from '../ports/event-store.ts'
import type { StreamStanding } from '../ports/state-store.ts'
import type { ContextStore } from '../ports/store.ts'

const page = 500
/** Streams dealt with at a time: enough to hide the round trips, few enough to leave connections to the application. */
const width = 4

/** How far a walk has come. */
export interface Progress {
  /** Streams dealt with, also before an interruption of this process. */
  readonly done: number
  readonly at: StreamId
}

/** Deals with every stream of an aggregate, in order, from after a place; tells after each page how far it is. */
export async function walk(
  store: ContextStore,
  aggregate: string,
  after: StreamId | undefined,
  one: (standing: StreamStanding) => Promise<void>,
  onPage: (progress: Progress) => Promise<void>,
): Promise<void> {
  let at = after
  for (let done = 0; ;) {
    const standings = await store.listStreams(aggregate, at, page)
    await inParallel(standings, one)
    const last = standings.at(-1)
    if (last === undefined) return
    at = last.stream
    done += standings.length
    await onPage({ done, at })
    if (standings.length < page) return
  }
}

async function inParallel<T>(items: readonly T[], one: (item: T) => Promise<void>): Promise<void> {
  const left = items.values()
  const worker = async (): Promise<void> => {
    for (const item of left) await one(item)
  }
  await Promise.all(Array.from({ length: width }, worker))
}
