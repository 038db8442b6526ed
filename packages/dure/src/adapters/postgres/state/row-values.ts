import { fault } from '../../../kernel/errors/fault.ts'
import type { StreamId } from '../../../ports/event-store.ts'
import type { Cell, StateChange } from '../../../ports/state-store.ts'
import { Unfit } from '../columns/column-codec.ts'
import { encodeCell, type Field, keyOf, type KeptTables } from './kept-tables.ts'
import type { RowForm } from './row-statements.ts'

/**
 * The values of the parameters that `rowParts` binds, in their order.
 * @throws DURE_STATE_UNSTORABLE, DURE_STORE_TEXT_INVALID
 */
export function rowValues(
  tables: KeptTables,
  stream: StreamId,
  form: RowForm,
  change: StateChange,
): unknown[] {
  const fit = <T>(value: T | Unfit): T => {
    if (value instanceof Unfit) throw unstorable(stream, value.reason)
    return value
  }
  fit(keyOf(tables, stream))
  if (form.root === 'none') return []
  if (form.root === 'remove') return [change.from]
  const { root = [], from } = change
  const values: unknown[] = [tables.shape, ...(form.root === 'update' ? [from] : [])]
  for (const [i, field] of tables.root.cells.entries()) values.push(fit(encodeCell(field, root[i])))
  const list = (rows: readonly (readonly Cell[])[], i: number, field: Field): unknown[] =>
    rows.map((row) => fit(encodeCell(field, row[i])))
  for (const [i, child] of tables.children.entries()) {
    const { upserts: how = 'none' } = form.children[i] ?? {}
    if (how === 'none') continue
    const { upserts = [] } = change.children[i] ?? {}
    if (how === 'one') {
      const [row = []] = upserts
      for (const [j, field] of child.cells.entries()) values.push(fit(encodeCell(field, row[j])))
      continue
    }
    for (const [j, field] of child.cells.entries()) values.push(list(upserts, j, field))
  }
  for (const [i, child] of tables.children.entries()) {
    if (form.children[i]?.removes !== true) continue
    const { removes = [] } = change.children[i] ?? {}
    for (const [j, field] of child.keys.entries()) values.push(list(removes, j, field))
  }
  return values
}

/** Refused with nothing begun, or rolled back. */
export function unstorable({ aggregate, id }: StreamId, reason: string, cause?: unknown): Error {
  return fault('DURE_STATE_UNSTORABLE', { aggregate, id, reason }, cause)
}
