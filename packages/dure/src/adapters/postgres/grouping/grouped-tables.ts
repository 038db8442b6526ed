import type { StreamHistory, StreamId } from '../../../ports/event-store.ts'
import { Unfit } from '../columns/column-codec.ts'
import { textArray } from '../commit/array-text.ts'
import type { Session } from '../session.ts'
import { keyOf, type KeptTable, type KeptTables } from '../state/kept-tables.ts'
import { cellsOf, filled, historyOf, shownWords, type TableCells, textsOf } from '../state/table-cells.ts'
import { type Row, type Statement, statement } from '../statement.ts'
import { isStatementRefused } from '../store-error.ts'
import { type Groupable, Grouping, type GroupWork } from './grouping.ts'

/** Groups of one aggregate that may be under way at once: what one has found is decoded while another is being looked for. */
const WIDTH = 2
/** As if each were so long: there may be many rows below a root, and nobody is to wait for those of too many others. */
const SIZE = 30_000

interface Read extends Groupable {
  readonly stream: StreamId
}

/**
 * Reads the rows of aggregates in tables of Dure's own: of one alone while no other of its kind is being read, of those
 * that wait meanwhile in one statement. What their rows do not tell alone is then read for each by itself.
 */
export class GroupedTables implements GroupWork<Read, StreamHistory> {
  readonly #tables: KeptTables
  readonly #session: Session
  readonly #one: (stream: StreamId) => Promise<StreamHistory>
  readonly #cells: TableCells
  readonly #many: Statement
  readonly #grouping: Grouping<Read, StreamHistory> = new Grouping(this, WIDTH)

  /** `one` reads a single stream. */
  constructor(
    schema: string,
    tables: KeptTables,
    session: Session,
    one: (stream: StreamId) => Promise<StreamHistory>,
  ) {
    this.#tables = tables
    this.#session = session
    this.#one = one
    this.#cells = cellsOf(tables)
    this.#many = statement(manySql(schema, tables))
  }

  read(stream: StreamId): Promise<StreamHistory> {
    if (keyOf(this.#tables, stream) instanceof Unfit) return this.#one(stream)
    return this.#grouping.do({ stream, keys: [], size: SIZE })
  }

  alone({ stream }: Read): Promise<StreamHistory> {
    return this.#one(stream)
  }

  async together(items: readonly Read[]): Promise<readonly (StreamHistory | Promise<StreamHistory>)[]> {
    const { aggregate, shape } = this.#tables
    const rows = await this.#session.run(this.#many, [
      textArray(items.map((it) => it.stream.tenant)),
      aggregate,
      textArray(items.map((it) => it.stream.id)),
      shape,
    ])
    const found = divided(rows, this.#cells.width, items.length)
    return items.map(({ stream }, i) => this.#historyOf(stream, found[i] ?? []) ?? this.#one(stream))
  }

  divides(error: unknown): boolean {
    return isStatementRefused(error)
  }

  /** Undefined where the rows are not all there is to it. */
  #historyOf(stream: StreamId, found: readonly Row[]): StreamHistory | undefined {
    const root = found.find(this.#cells.isRoot)
    const history = root && historyOf(this.#cells, stream.id, root, found)
    return history?.baseline?.version === history?.version ? history : undefined
  }
}

/** Whose each row is stands before the words that say what it is of. */
function divided(rows: readonly Row[], width: number, count: number): Row[][] {
  const lists: Row[][] = Array.from({ length: count }, () => [])
  for (const row of rows as (string | null)[][]) {
    const words = row[width] as string
    const end = words.indexOf(' ')
    row[width] = words.slice(end + 1)
    lists[Number(words.slice(0, end)) - 1]?.push(row)
  }
  return lists
}

/**
 * `$1` and `$3` tenant and id, one element per stream, `$2` the aggregate, `$4` the shape. Tables stand in subqueries that
 * the planner cannot join otherwise than by one look into the index for each stream.
 */
function manySql(s: string, tables: KeptTables): string {
  const { root, children } = tables
  const { width } = cellsOf(tables)
  const first = `
select ${filled(width, textsOf(root), ofRow(shownWords(root)))}
from asked a
  cross join lateral (
    select * from ${s}.streams x where x.tenant = a.tenant and x.aggregate = $2 and x.id = a.id limit 1) s
  left join lateral (${lookedFor(root)}) c on true`
  const others = children.map(
    (it, i) => `
select ${filled(width, textsOf(it), ofRow(`'${i}'`))}
from asked a cross join lateral (${lookedFor(it)}) c`,
  )
  return `with asked as materialized (
  select * from unnest((select $1::text[]), (select $3::text[])) with ordinality as a(tenant, id, index))
${[first, ...others].join('\nunion all')}`
}

/** In front of what a row is of. */
function ofRow(words: string): string {
  return `a.index || ' ' || ${words}`
}

function lookedFor({ sql, tenant, id }: KeptTable): string {
  const ofTenant = tenant === undefined ? '' : `x.${tenant.sql} = a.tenant::${tenant.codec.sqlType} and `
  return `select * from ${sql} x where ${ofTenant}x.${id.sql} = a.id::${id.codec.sqlType} offset 0`
}
