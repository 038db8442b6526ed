import { nothing, type Keeper } from '../app/aggregates/keeper.ts'
import { fault } from '../kernel/errors/fault.ts'
import type { World } from '../kernel/world.ts'
import { adoptedEvents, type Adopt } from '../persistence/adoption.ts'
import type { Mapping } from '../persistence/mapping/mapping.ts'
import { fromRows } from '../persistence/rows.ts'
import type { Append, StreamId } from '../ports/event-store.ts'
import type { StateRows } from '../ports/state-store.ts'
import type { ContextStore } from '../ports/store.ts'
import type { Progress } from './walk.ts'

const page = 200

/**
 * Begins the history of every row of somebody else's table that has none: the events that the mapping makes of its state
 * are appended, and the row is given its version, in one transaction each. What was adopted before an interruption has a
 * version and is not met again.
 *
 * @throws DURE_MAPPING_INVALID where the events do not lead to the state that the row shows, DURE_UNIQUE_VIOLATED
 */
export async function adoptRows(
  store: ContextStore,
  keeper: Keeper,
  world: World,
  onProgress: (progress: Progress) => void,
): Promise<void> {
  const { name } = keeper.aggregate
  let at: StreamId | undefined
  for (let done = 0; ;) {
    const rows = await store.listUnkept(name, at, page)
    for (const it of rows) await adoptOne(store, keeper, world, it.stream, it.rows)
    at = rows.at(-1)?.stream
    if (at === undefined) return
    done += rows.length
    onProgress({ done, at })
  }
}

async function adoptOne(
  store: ContextStore,
  keeper: Keeper,
  world: World,
  stream: StreamId,
  rows: StateRows,
): Promise<void> {
  const { aggregate, keeping } = keeper
  const shown = aggregate.state.decode(fromRows(keeping.mapping as Mapping, rows, stream.id))
  const { events, state } = adoptedEvents(aggregate, keeping.adopt as Adopt, stream.id, Object.freeze(shown))
  const { append } = keeper.next(stream, nothing, { events, state, ended: false })
  const meta = { command: world.newId(), actor: 'dure', correlation: world.newId() }
  const outcome = await store.commit({ at: world.now(), meta, appends: [takingOver(append)] })
  // Where the row or the stream is elsewhere by now, another process has been first.
  if (outcome.ok || outcome.reason !== 'unique') return
  const { name: rule, value } = outcome.claim
  const holder = (await store.findClaim(stream.tenant, aggregate.name, outcome.claim)) ?? ''
  throw fault('DURE_UNIQUE_VIOLATED', { aggregate: aggregate.name, rule, value, ids: [holder, stream.id] })
}

/** The rows stand there already, so only what marks the root as kept is written. */
function takingOver(append: Append): Append {
  const { state } = append
  if (state === undefined) return append
  const children = state.children.map(() => ({ upserts: [], removes: [] }))
  return { ...append, state: { ...state, children, adopts: true, whole: false } }
}
