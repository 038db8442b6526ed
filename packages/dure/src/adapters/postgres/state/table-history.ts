import type { StreamHistory, StreamId } from '../../../ports/event-store.ts'
import type { Cell, StateRows } from '../../../ports/state-store.ts'
import { Unfit } from '../columns/column-codec.ts'
import type { Runner } from '../session.ts'
import { type Row, type Statement, statement } from '../statement.ts'
import type { Streams } from '../streams.ts'
import { decodeCell, keyOf, type KeptTable, type KeptTables } from './kept-tables.ts'
import { ofId } from './row-statements.ts'
import type { HistoryReader } from './state-history.ts'

/** What stands before the cells of the root: whose row it is, version, ended, version of the row, is it of this shape. */
const HEAD = 5

/**
 * Reads a whole stream from its rows: in one statement where they show its version, as they do unless another release has
 * appended beside them. Then the events after them are read by a second one: events do not change, so what stood in the
 * rows is still where they begin.
 */
export function tableHistory(s: string, tables: KeptTables, streams: Streams): HistoryReader {
  const find = statement(findSql(s, tables))
  const row: Statement<[version: string]> = statement(rowSql(tables))
  return {
    read(runner, stream) {
      if (keyOf(tables, stream) instanceof Unfit) return undefined
      return read(runner, stream, tables, { find, row, streams })
    },
  }
}

interface Statements {
  readonly find: Statement
  /** For where there is no stream: somebody else may have written a row. */
  readonly row: Statement<[version: string]>
  readonly streams: Streams
}

async function read(
  runner: Runner,
  stream: StreamId,
  tables: KeptTables,
  { find, row: findRow, streams }: Statements,
): Promise<StreamHistory> {
  const { tenant, aggregate, id } = stream
  const look = () => runner.run(find, [tenant, aggregate, id, tables.shape])
  let found = await look()
  if (!found.some(isRoot)) {
    const [alone] = await runner.run(findRow, [tenant, aggregate, id])
    if (alone === undefined) return { version: 0, ended: false, events: [] }
    // The stream may have come with the row, after the first look.
    found = await look()
    if (!found.some(isRoot)) return { version: 0, ended: false, events: [], row: Number(alone[0]) }
  }
  const root = found.find(isRoot) as Row
  const version = Number(root[1])
  const ended = root[2] === 'true'
  if (root[3] === null) return streams.history(runner, stream, 0)
  const row = Number(root[3])
  const usable = row > 0 && root[4] === 'true'
  const baseline = usable ? { version: row, rows: rowsOf(tables, stream.id, root, found) } : undefined
  const from = baseline?.version ?? 0
  if (from >= version) return { version, ended, events: [], row, ...(baseline && { baseline }) }
  return { ...(await streams.history(runner, stream, from)), row, ...(baseline && { baseline }) }
}

function isRoot(it: Row): boolean {
  return it[0] === null
}

/** @throws DURE_STATE_UNREADABLE */
function rowsOf({ root, children }: KeptTables, id: string, first: Row, found: readonly Row[]): StateRows {
  const lists: Cell[][][] = children.map(() => [])
  for (const it of found) {
    if (it[0] === null) continue
    const child = Number(it[0])
    lists[child]?.push(cellsOf(children[child] as KeptTable, id, it, 1))
  }
  for (const [i, list] of lists.entries()) inOrder(list, (children[i] as KeptTable).keys.length)
  return { root: cellsOf(root, id, first, HEAD), children: lists }
}

/** By the ordinal, which follows the keys; lists of several entities one through the other, by their keys. */
function inOrder(rows: Cell[][], at: number): void {
  rows.sort((a, b) => {
    const places = Number(a[at]) - Number(b[at])
    if (places !== 0) return places
    for (let i = 0; i < at; i++) {
      const [left, right] = [String(a[i]), String(b[i])]
      if (left !== right) return left < right ? -1 : 1
    }
    return 0
  })
}

function cellsOf(table: KeptTable, id: string, row: Row, from: number): Cell[] {
  const { cells } = table
  const out: Cell[] = []
  for (let i = 0; i < cells.length; i++) {
    out.push(decodeCell(table, id, cells[i] as (typeof cells)[0], row[from + i] ?? null))
  }
  return out
}

/**
 * `$4` the shape. The root's row and those of its children one below the other, all as texts: as fast as one JSON of all
 * children, and the driver, which works by the column, has the fewest of them. Children come in any order.
 */
function findSql(s: string, { root, children }: KeptTables): string {
  const width = Math.max(HEAD + root.cells.length, ...children.map((it) => 1 + it.cells.length))
  const filled = (values: readonly string[]): string =>
    [...values, ...Array.from({ length: width - values.length }, () => 'null')].join(', ')
  const version = `case when c.${root.id.sql} is not null then coalesce(c.${root.version}, 0) end::text`
  const head = [
    'null::text',
    's.version::text',
    's.ended::text',
    version,
    `(c.${root.shape} = $4::text)::text`,
  ]
  const first = `
select ${filled([...head, ...textsOf(root)])}
from ${s}.streams s left join ${root.sql} c on ${ofId(root)}
where s.tenant = $1 and s.aggregate = $2 and s.id = $3`
  const others = children.map(
    (it, i) => `
select ${filled([`'${i}'`, ...textsOf(it)])}
from ${it.sql} c where ${ofId(it)}`,
  )
  return [first, ...others].join('\nunion all')
}

function textsOf(table: KeptTable): string[] {
  return table.cells.map((it) => `${it.codec.select(`c.${it.sql}`)}::text`)
}

function rowSql({ root }: KeptTables): string {
  // All that the other statement takes, so that every parameter has a type.
  return `
select coalesce(c.${root.version}, 0) from ${root.sql} c, (select $1::text, $2::text, $3::text) o where ${ofId(root)}`
}
