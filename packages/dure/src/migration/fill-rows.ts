import type { Keeper } from '../app/aggregates/keeper.ts'
import type { State } from '../domain/aggregate-definition.ts'
import { fault } from '../kernel/errors/fault.ts'
import { changeOf } from '../persistence/change.ts'
import type { Mapping } from '../persistence/mapping/mapping.ts'
import { toRows } from '../persistence/rows.ts'
import type { StreamId } from '../ports/event-store.ts'
import type { StreamStanding } from '../ports/state-store.ts'
import type { ContextStore } from '../ports/store.ts'

const attempts = 10

/**
 * Brings the row of one stream to its version and shape. Writers go on meanwhile: whoever is first wins, and a row that
 * somebody else has brought there is left alone.
 */
export async function fillRow(
  store: ContextStore,
  keeper: Keeper,
  { stream, ...standing }: StreamStanding,
): Promise<void> {
  if (isFilled(keeper, { stream, ...standing })) return
  for (let attempt = 0; attempt < attempts; attempt++) {
    const history = await store.readHistory(stream)
    const { version, ended, row, baseline } = history
    if (ended ? row === undefined || row === 0 : baseline?.version === version) return
    const { state } = keeper.restored(stream, history)
    if (await writeRow(store, keeper, stream, { version, state, row })) return
  }
  const { aggregate, id } = stream
  throw fault('DURE_COMMAND_CONTENDED', { aggregate, id, attempts })
}

/**
 * Writes the row of a stream whole; false if somebody else wrote the stream or the row meanwhile. `row` is the version that
 * it shows, 0 for one that shows none.
 */
export function writeRow(
  store: ContextStore,
  { keeping }: Keeper,
  stream: StreamId,
  it: { readonly version: number; readonly state: State | undefined; readonly row: number | undefined },
): Promise<boolean> {
  const mapping = keeping.mapping as Mapping
  const rows = it.state && toRows(mapping, it.state, stream.id)
  const change = changeOf(mapping, undefined, rows, it.row ?? 0)
  return store.keepState(stream, it.version, it.row === 0 ? { ...change, adopts: true } : change)
}

/** Whether a row shows what its stream has come to. */
function isFilled({ keeping }: Keeper, { version, ended, row }: StreamStanding): boolean {
  if (ended) return row === undefined
  return row !== undefined && row.version >= version && row.shape === keeping.kept.shape
}
