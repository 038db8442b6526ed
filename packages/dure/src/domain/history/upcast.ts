import type { Issue } from '../../kernel/error.ts'
import { fault } from '../../kernel/errors/fault.ts'
import type { JsonObject } from '../../kernel/json.ts'
import type { EventDefinition, EventVersion } from '../event.ts'
import { asStored } from '../fields/codec.ts'

/**
 * The current values of a stored event, or undefined when the version is unknown. A current one is trusted; an older one
 * goes through the maps and its result is checked.
 */
export function upcast(it: EventDefinition, version: number, json: JsonObject): object | undefined {
  if (version === it.version) return Object.freeze(it.shape.decode(json))
  const start = it.older.findIndex((older) => older.version === version)
  if (start < 0) return undefined
  let values: object = (it.older[start] as EventVersion).shape.decode(json)
  for (let i = start; i >= 0; i--) {
    const mapped = (it.older[i] as EventVersion).map(values)
    const next = i === 0 ? it.shape : (it.older[i - 1] as EventVersion).shape
    const issues: Issue[] = []
    values = next.parse(mapped, issues, asStored)
    if (issues.length > 0) throw fault('DURE_EVENT_INVALID', { event: it.name, issues })
  }
  return Object.freeze(values)
}
