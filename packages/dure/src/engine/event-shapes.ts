import type { ContextRuntime } from '../app/context-runtime.ts'
import type { EventDefinition } from '../domain/event.ts'
import { fault } from '../kernel/errors/fault.ts'
import { sameJson, type JsonObject } from '../kernel/json.ts'
import { jsonSchemaOf } from '../model/json-schema.ts'
import type { EngineLog } from './consumer.ts'

/** The rows where a context keeps what its events looked like. */
const rows = '$events'

/**
 * Notices an event whose shape changed while its version did not: what is stored under that version lacks what the model
 * now takes for granted. The shape of each version is kept in the store when it is first seen, and compared at every start.
 */
export async function checkEventShapes(
  { definition, store, world, name }: ContextRuntime,
  log: EngineLog,
): Promise<void> {
  const shapes = new Map<string, JsonObject>()
  for (const aggregate of definition.aggregates) {
    for (const event of aggregate.definition.events.values()) {
      shapes.set(`${aggregate.name}.${event.name}@${event.version}`, shapeOfEvent(event))
    }
  }
  const known = await store.readRows(rows, [...shapes.keys()])
  const changed = [...shapes].filter(([key, shape]) => !sameJson(known.get(key), shape))
  const kept = changed.filter(([key, shape]) => {
    const before = known.get(key)
    const problem = before && incompatible(before, shape)
    if (problem === undefined) return true
    const [event = '', version = ''] = key.split('@')
    log('warn', 'event changed its shape but not its version', {
      context: name,
      error: fault('DURE_EVENT_RESHAPED', { event, version: Number(version), problem }),
    })
    return false
  })
  if (kept.length === 0) return
  const meta = { command: world.newId(), actor: 'dure', correlation: world.newId() }
  const writes = kept.map(([key, row]) => ({ view: rows, key, row }))
  await store.commit({ at: world.now(), meta, appends: [], rows: writes })
}

/** Per field its JSON Schema, and which must be there. */
function shapeOfEvent(event: EventDefinition): JsonObject {
  const {
    properties = {},
    required = [],
    $defs = {},
  } = jsonSchemaOf(event.shape.fields, { direction: 'output' })
  return JSON.parse(JSON.stringify({ properties, required, $defs })) as JsonObject
}

// More fields that may be absent, or fewer fields, leave every stored event readable as the type says.
function incompatible(before: JsonObject, now: JsonObject, where = ''): string | undefined {
  const [old, fresh] = [objectIn(before, 'properties'), objectIn(now, 'properties')]
  const [was, is] = [before['required'] ?? [], now['required'] ?? []] as [
    readonly string[],
    readonly string[],
  ]
  const missing = is.find((field) => !was.includes(field))
  if (missing !== undefined)
    return `it now takes ${where}${missing} for granted, which stored events may lack`
  const other = Object.keys(fresh).find((field) => field in old && !sameJson(old[field], fresh[field]))
  if (other !== undefined) return `${where}${other} is of another kind now`
  const [oldClasses, classes] = [objectIn(before, '$defs'), objectIn(now, '$defs')]
  return Object.keys(classes)
    .filter((name) => name in oldClasses)
    .map((name) => incompatible(objectIn(oldClasses, name), objectIn(classes, name), `${name}.`))
    .find((it) => it !== undefined)
}

function objectIn(it: JsonObject, name: string): JsonObject {
  return (it[name] ?? {}) as JsonObject
}
