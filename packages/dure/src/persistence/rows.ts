import type { JsonObject } from '../kernel/json.ts'
import type { StateRows } from '../ports/state-store.ts'
import type { Mapping } from './mapping/mapping.ts'

/**
 * The rows of an aggregate, from the JSON of its state.
 * @throws DURE_STATE_UNSTORABLE for a state that no row can show
 */
export function toRows(mapping: Mapping, state: JsonObject, id: string): StateRows {
  return mapping.write(state, id)
}

/**
 * The JSON of an aggregate's state, from its rows.
 * @throws DURE_STATE_UNREADABLE, DURE_STATE_ORPHAN for rows that something other than Dure has written
 */
export function fromRows(mapping: Mapping, rows: StateRows, id: string): JsonObject {
  return mapping.read(rows, id)
}
