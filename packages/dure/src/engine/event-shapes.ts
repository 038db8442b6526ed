import type { ContextRuntime } from '../app/context-runtime.ts'
import { fault } from '../kernel/errors/fault.ts'
import { sameJson, type JsonObject } from '../kernel/json.ts'
import { incompatibility } from '../model/evolution/compare-shapes.ts'
import { eventShapeOf, type EventShape } from '../model/evolution/event-shape.ts'
import { recordedEvents, versionsOf } from '../model/evolution/model-shapes.ts'
import type { EngineLog } from './consuming/work.ts'

/** The rows where a context keeps what its events looked like. */
const rows = '$events'

interface Told {
  /** `Order.OrderPlaced`. */
  readonly event: string
  readonly version: number
  /** Whether events are stored in it now. */
  readonly current: boolean
  readonly shape: EventShape
  /** The row of its own, then those of its former names at the same version. */
  readonly keys: readonly [string, ...string[]]
}

/**
 * Notices an event whose shape changed while its version did not: what is stored under that version lacks what the model
 * now takes for granted. The shape of each version is kept in the store when it is first seen, and compared at every start,
 * with what a `.from(…)` says of it too once it is an older one.
 */
export async function checkEventShapes(context: ContextRuntime, log: EngineLog): Promise<void> {
  const { store, world, name } = context
  const told = eventsOf(context)
  const known = await store.readRows(
    rows,
    told.flatMap((it) => it.keys),
  )
  const kept = told.filter((it) => {
    const problem = problemOf(it, known)
    if (problem === undefined) return it.current && !sameJson(known.get(it.keys[0]), it.shape)
    const { event, version } = it
    log('warn', 'event changed its shape but not its version', {
      context: name,
      error: fault('DURE_EVENT_RESHAPED', { event, version, problem }),
    })
    return false
  })
  if (kept.length === 0) return
  const meta = { command: world.newId(), actor: 'dure', correlation: world.newId() }
  const writes = kept.map(({ keys: [key], shape: row }) => ({ view: rows, key, row }))
  await store.commit({ at: world.now(), meta, appends: [], rows: writes })
}

function eventsOf({ definition }: ContextRuntime): readonly Told[] {
  return definition.aggregates.flatMap((aggregate) =>
    [...recordedEvents(aggregate.definition)].flatMap((event) =>
      versionsOf(event).map(({ version, shape }) => {
        const keyOf = (name: string): string => `${aggregate.name}.${name}@${version}`
        return {
          event: `${aggregate.name}.${event.name}`,
          version,
          current: version === event.version && aggregate.definition.events.has(event.name),
          shape: eventShapeOf(shape.fields),
          keys: [keyOf(event.name), ...event.formerNames.map(keyOf)] as const,
        }
      }),
    ),
  )
}

function problemOf({ keys, shape }: Told, known: ReadonlyMap<string, JsonObject>): string | undefined {
  return keys
    .map((key) => known.get(key))
    .map((before) => before && incompatibility(before as EventShape, shape))
    .find((it) => it !== undefined)
}
