import type { JsonObject } from '../kernel/json.ts'
import type { World } from '../kernel/world.ts'
import type { StreamId } from '../ports/event-store.ts'
import type { Naming } from '../persistence/mapping/naming.ts'
import type { ContextStore } from '../ports/store.ts'

/** The rows where a context keeps how far the data of its aggregates has been brought. */
const rows = '$kept'

/** What has been done to the data of one aggregate. */
export interface Mark {
  /** How it is kept, once all of it is. */
  readonly way?: 'state' | 'events'
  /** The shapes that its rows were filled in, the last first: releases of each can go on beside one another. */
  readonly shapes?: readonly string[]
  /** How the rows of the first shape are mapped, so that a later release can still read them. */
  readonly mapping?: Naming & { readonly revision?: number }
  /** Rules of uniqueness that hold for all of it, by their names: which value each is over. */
  readonly unique?: JsonObject
  /** Rules among these that a release without them may have written past, as long as one runs. */
  readonly doubtful?: readonly string[]
  /** Where each step that was interrupted stands: the last stream it has dealt with. */
  readonly under?: { readonly [step: string]: StreamId }
}

/** Reads the marks of some aggregates; one without is not listed. */
export async function readMarks(
  store: ContextStore,
  aggregates: readonly string[],
): Promise<ReadonlyMap<string, Mark>> {
  return await store.readRows(rows, aggregates)
}

/** Changes the mark of an aggregate as it stands now. Migrations take turns, so nobody changes it in between. */
export async function changeMark(
  store: ContextStore,
  world: World,
  aggregate: string,
  change: (mark: Mark) => Mark,
): Promise<void> {
  const before = (await readMarks(store, [aggregate])).get(aggregate) ?? {}
  const row = JSON.parse(JSON.stringify(change(before))) as never
  const meta = { command: world.newId(), actor: 'dure', correlation: world.newId() }
  await store.commit({ at: world.now(), meta, appends: [], rows: [{ view: rows, key: aggregate, row }] })
}
