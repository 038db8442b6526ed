import type { Json, JsonObject } from '../../kernel/json.ts'
import { jsonText } from '../../ports/storable.ts'

/** A copy that nobody can change: goes through JSON, like the copy that a database would keep. */
export function frozenJson(what: string, value: JsonObject): JsonObject {
  return freeze(JSON.parse(jsonText(what, value)) as JsonObject)
}

function freeze<T extends Json>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  for (const inner of Object.values(value)) freeze(inner)
  return Object.freeze(value)
}
