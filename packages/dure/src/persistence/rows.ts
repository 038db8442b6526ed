import type { JsonObject } from '../kernel/json.ts'
import type { StateRows } from '../ports/state-store.ts'
import type { Mapping } from './mapping/mapping.ts'
import type { ShownState } from './mapping/write-rows.ts'

/**
 * The rows of an aggregate, from its state. What is the very same in `shown`, a state with its rows, takes the rows from
 * there.
 * @throws DURE_STATE_UNSTORABLE for a state that no row can show
 */
export function toRows(mapping: Mapping, state: object, id: string, shown?: ShownState): StateRows {
  return mapping.write(state, id, shown)
}

/**
 * The JSON of an aggregate's state, from its rows.
 * @throws DURE_STATE_UNREADABLE, DURE_STATE_ORPHAN for rows that something other than Dure has written
 */
export function fromRows(mapping: Mapping, rows: StateRows, id: string): JsonObject {
  return mapping.read(rows, id)
}
