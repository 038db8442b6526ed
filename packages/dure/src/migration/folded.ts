import type { Keeper } from '../app/aggregates/keeper.ts'
import type { State } from '../domain/aggregate-definition.ts'
import { restore } from '../domain/restore.ts'
import { fault } from '../kernel/errors/fault.ts'
import type { StreamId } from '../ports/event-store.ts'
import type { ContextStore } from '../ports/store.ts'

/** What all events of a stream lead to, whatever rows and snapshots say. */
export interface Folded {
  readonly version: number
  readonly ended: boolean
  readonly state: State | undefined
}

/** @throws DURE_EVENTS_MISSING where the log lacks some of them, and the errors of stored events */
export async function folded(store: ContextStore, keeper: Keeper, stream: StreamId): Promise<Folded> {
  const { version, ended, events } = await store.readStream(stream)
  // Of one that has ended, events may have been archived, and none is asked for.
  if (!ended && events.length !== version) {
    const { aggregate, id } = stream
    throw fault('DURE_EVENTS_MISSING', { aggregate, id, from: 0, to: version, found: events.length })
  }
  const state = ended || version === 0 ? undefined : restore(keeper.aggregate, stream.id, events)
  return { version, ended, state }
}
