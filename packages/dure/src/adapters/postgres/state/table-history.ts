import type { StreamHistory, StreamId } from '../../../ports/event-store.ts'
import { Unfit } from '../columns/column-codec.ts'
import type { Runner } from '../session.ts'
import { type Statement, statement } from '../statement.ts'
import type { Streams } from '../log/streams.ts'
import { keyOf, type KeptTables } from './kept-tables.ts'
import { ofId } from './row-statements.ts'
import type { HistoryReader } from './state-history.ts'
import { cellsOf, filled, historyOf, shownWords, type TableCells, textsOf } from './table-cells.ts'

/**
 * Reads a whole stream from its rows: in one statement where they show its version, as they do unless another release has
 * appended beside them. Then the events after them are read by a second one: events do not change, so what stood in the
 * rows is still where they begin.
 */
export function tableHistory(s: string, tables: KeptTables, streams: Streams): HistoryReader {
  const find = statement(findSql(s, tables))
  const cells = cellsOf(tables)
  const row: Statement<[version: string]> = statement(rowSql(tables))
  const current = statement<[one: string]>(currentSql(s, tables))
  return {
    read(runner, stream) {
      if (keyOf(tables, stream) instanceof Unfit) return undefined
      return read(runner, stream, tables, { find, row, streams, cells })
    },
    // Where others may write, a trigger among them, what was written is not known to be what stands there.
    ...(tables.derived && {
      async isCurrent(runner, { tenant, aggregate, id }, version) {
        const found = await runner.run(current, [tenant, aggregate, id, version, tables.shape])
        return found.length > 0
      },
    }),
  }
}

interface Statements {
  readonly find: Statement
  /** For where there is no stream: somebody else may have written a row. */
  readonly row: Statement<[version: string]>
  readonly streams: Streams
  readonly cells: TableCells
}

async function read(
  runner: Runner,
  stream: StreamId,
  tables: KeptTables,
  { find, row: findRow, streams, cells }: Statements,
): Promise<StreamHistory> {
  const { tenant, aggregate, id } = stream
  const look = () => runner.run(find, [tenant, aggregate, id, tables.shape])
  let found = await look()
  let root = found.find(cells.isRoot)
  if (root === undefined) {
    const [alone] = await runner.run(findRow, [tenant, aggregate, id])
    if (alone === undefined) return { version: 0, ended: false, events: [] }
    // The stream may have come with the row, after the first look.
    found = await look()
    root = found.find(cells.isRoot)
    if (root === undefined) return { version: 0, ended: false, events: [], row: Number(alone[0]) }
  }
  const history = historyOf(cells, id, root, found)
  if (history.row === undefined) return streams.history(runner, stream, 0)
  const { version, row, baseline } = history
  const from = baseline?.version ?? 0
  if (from >= version) return history
  return { ...(await streams.history(runner, stream, from)), row, ...(baseline && { baseline }) }
}

/**
 * `$4` the shape. The root's row and those of its children one below the other, all as texts: as fast as one JSON of all
 * children, and the driver, which works by the column, has the fewest of them. Children come in any order.
 */
function findSql(s: string, tables: KeptTables): string {
  const { root, children } = tables
  const { width } = cellsOf(tables)
  const first = `
select ${filled(width, textsOf(root), shownWords(root))}
from ${s}.streams s left join ${root.sql} c on ${ofId(root)}
where s.tenant = $1 and s.aggregate = $2 and s.id = $3`
  const others = children.map(
    (it, i) => `
select ${filled(width, textsOf(it), `'${i}'`)}
from ${it.sql} c where ${ofId(it)}`,
  )
  return [first, ...others].join('\nunion all')
}

/**
 * `$4` the version, `$5` the shape. The row of the stream is written by appends alone, so a row of the root that has the
 * same writer is as the last of them left it; anybody who writes it later, whatever it shows then, is another one.
 */
function currentSql(s: string, { root }: KeptTables): string {
  return `
select 1 from ${s}.streams s, ${root.sql} c
where s.tenant = $1 and s.aggregate = $2 and s.id = $3 and s.version = $4::int and not s.ended
  and ${ofId(root)} and c.${root.version} = $4::int and c.${root.shape} = $5::text and c.xmin = s.xmin`
}

function rowSql({ root }: KeptTables): string {
  // All that the other statement takes, so that every parameter has a type.
  return `
select coalesce(c.${root.version}, 0) from ${root.sql} c, (select $1::text, $2::text, $3::text) o where ${ofId(root)}`
}
