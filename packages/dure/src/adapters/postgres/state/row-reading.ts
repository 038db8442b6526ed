import type { Cell, StateRows } from '../../../ports/state-store.ts'
import { decodeCell, type KeptTable, type KeptTables } from './kept-tables.ts'

/** A function of PostgreSQL takes so many arguments. */
const MOST_ARGUMENTS = 100

/** The expressions of a table's cells, in an alias `c`. */
export function selectCells(table: KeptTable): string[] {
  return table.cells.map((it) => it.codec.select(`c.${it.sql}`))
}

/** The children of one aggregate as one JSON list of lists, so that a row of a page is an aggregate. */
export function childList(child: KeptTables['children'][number], where: string): string {
  const cells = selectCells(child)
  const parts = Array.from({ length: Math.ceil(cells.length / MOST_ARGUMENTS) }, (_, i) =>
    cells.slice(i * MOST_ARGUMENTS, (i + 1) * MOST_ARGUMENTS),
  )
  const lists = parts.map((it) => `json_build_array(${it.join(', ')})`)
  const list = lists.length === 1 ? lists[0] : `json_build_array(${lists.join(', ')})`
  const order = [child.ordinal, ...child.keys.map((it) => it.sql)].map((it) => `c.${it}`)
  return `select json_agg(${list} order by ${order.join(', ')}) from ${child.sql} c where ${where}`
}

/**
 * The rows of one aggregate from its root's cells and then a list for each child table.
 * @throws DURE_STATE_UNREADABLE
 */
export function toRows(
  { root, children }: KeptTables,
  id: string,
  found: readonly (string | null)[],
): StateRows {
  const decode = (table: KeptTable, values: readonly Cell[]): Cell[] =>
    table.cells.map((field, i) => decodeCell(table, id, field, values[i] ?? null))
  const lists = found.slice(root.cells.length)
  return {
    root: decode(root, found),
    children: children.map((child, i) => {
      const rows = JSON.parse(lists[i] ?? '[]') as Cell[][]
      return rows.map((row) => decode(child, child.cells.length > MOST_ARGUMENTS ? row.flat() : row))
    }),
  }
}
