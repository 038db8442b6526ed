import { fault } from '../../kernel/errors/fault.ts'
import type { StreamId } from '../../ports/event-store.ts'
import type {
  AggregateTables,
  Cell,
  ChildTable,
  StateChange,
  StateColumn,
  StateRows,
  StateTable,
} from '../../ports/state-store.ts'

/** The row of an aggregate with all rows below it. Cells go by the name of their column: releases differ in columns. */
export interface MemoryRow {
  readonly version: number
  readonly shape: string
  readonly cells: ReadonlyMap<string, Cell>
  readonly lists: Lists
  /** Written beside an event, not afterwards. */
  readonly committed: boolean
}

type Lists = ReadonlyMap<string, List>

interface List {
  /** The table of the entities that hold the list. */
  readonly parent: string | undefined
  readonly rows: ReadonlyMap<string, ListRow>
}

interface ListRow {
  readonly keys: readonly Cell[]
  readonly ordinal: number
  readonly cells: ReadonlyMap<string, Cell>
}

/** The tables of one context. Rows are never altered, only replaced: a row that was found stays as it was. */
export class MemoryTables {
  readonly #tables = new Map<string, Map<string, MemoryRow>>()

  find({ root }: AggregateTables, stream: StreamId): MemoryRow | undefined {
    if (root.tenant === undefined && stream.tenant !== '') return undefined
    return this.#tables.get(tableKey(root))?.get(rowKey(stream))
  }

  /** Puts a row in the place of the one there, or with `undefined` removes it. */
  put({ root }: AggregateTables, stream: StreamId, row: MemoryRow | undefined): void {
    const key = tableKey(root)
    let rows = this.#tables.get(key)
    if (rows === undefined) this.#tables.set(key, (rows = new Map()))
    if (row === undefined) rows.delete(rowKey(stream))
    else rows.set(rowKey(stream), row)
  }
}

/**
 * The row that a change makes of another; undefined where it removes it.
 * @throws DURE_COMMIT_INVALID if a row of a list has no parent
 */
export function changedRow(
  before: MemoryRow | undefined,
  tables: AggregateTables,
  change: StateChange,
  written: Pick<MemoryRow, 'version' | 'shape' | 'committed'>,
): MemoryRow | undefined {
  if (change.root === undefined) return undefined
  const lists = new Map<string, List>()
  for (const [index, table] of tables.children.entries()) {
    const parent = parentOf(tables, table)
    const rows = withParents(before?.lists.get(tableKey(table)), parent, lists)
    changeList(rows, table, change.children[index] ?? { upserts: [], removes: [] }, change.whole)
    for (const it of rows.values()) {
      if (!hasParent(it, parent, lists)) throw invalid(`a row of ${table.name} has no parent`)
    }
    lists.set(tableKey(table), { parent, rows })
  }
  // Lists of a release with more tables stay, but for the rows whose parents have gone.
  for (const [name, list] of before?.lists ?? []) {
    if (!lists.has(name)) lists.set(name, { ...list, rows: withParents(list, list.parent, lists) })
  }
  return { ...written, cells: merged(before?.cells, tables.root.columns, change.root, 0), lists }
}

/** The cells of the columns that a release knows; one that an older release did not write is empty. */
export function rowsOf(row: MemoryRow, tables: AggregateTables): StateRows {
  const places: Map<string, number>[] = []
  const children = tables.children.map((table, index) => {
    const above = table.parent === undefined ? undefined : places[table.parent]
    const rows = [...(row.lists.get(tableKey(table))?.rows.values() ?? [])]
    const place = (it: ListRow): number => above?.get(listKey(it.keys.slice(0, -1))) ?? 0
    rows.sort((a, b) => place(a) - place(b) || a.ordinal - b.ordinal)
    places[index] = new Map(rows.map((it, at) => [listKey(it.keys), at]))
    return rows.map((it) => [...it.keys, it.ordinal, ...cellsOf(it.cells, table.columns)])
  })
  return { root: cellsOf(row.cells, tables.root.columns), children }
}

type ListChange = StateChange['children'][number]

function changeList(
  rows: Map<string, ListRow>,
  table: ChildTable,
  { upserts, removes }: ListChange,
  whole: boolean,
): void {
  const count = table.keys.length - 1
  const written = new Set(upserts.map((it) => listKey(it.slice(0, count))))
  const gone = whole ? [...rows.keys()].filter((it) => !written.has(it)) : removes.map(listKey)
  for (const key of gone) rows.delete(key)
  for (const row of upserts) {
    const keys = row.slice(0, count)
    const cells = merged(rows.get(listKey(keys))?.cells, table.columns, row, count + 1)
    rows.set(listKey(keys), { keys, ordinal: Number(row[count]), cells })
  }
}

function withParents(list: List | undefined, parent: string | undefined, lists: Lists): Map<string, ListRow> {
  return new Map([...(list?.rows ?? [])].filter(([, it]) => hasParent(it, parent, lists)))
}

function hasParent({ keys }: ListRow, parent: string | undefined, lists: Lists): boolean {
  return parent === undefined || lists.get(parent)?.rows.has(listKey(keys.slice(0, -1))) === true
}

function parentOf({ children }: AggregateTables, { parent }: ChildTable): string | undefined {
  const table = parent === undefined ? undefined : children[parent]
  return table && tableKey(table)
}

function merged(
  before: ReadonlyMap<string, Cell> | undefined,
  columns: readonly StateColumn[],
  row: readonly Cell[],
  first: number,
): ReadonlyMap<string, Cell> {
  const cells = new Map(before)
  // As everywhere else in JSON, there is no negative zero.
  for (const [i, { name }] of columns.entries())
    cells.set(name, row[first + i] === 0 ? 0 : (row[first + i] ?? null))
  return cells
}

function cellsOf(cells: ReadonlyMap<string, Cell>, columns: readonly StateColumn[]): Cell[] {
  return columns.map((it) => cells.get(it.name) ?? null)
}

// Names hold no U+0000, so these keys are unambiguous.

function tableKey({ schema = '', name }: StateTable): string {
  return `${schema}\0${name}`
}

function rowKey({ tenant, id }: StreamId): string {
  return `${tenant}\0${id}`
}

function listKey(keys: readonly Cell[]): string {
  return keys.join('\0')
}

function invalid(reason: string): Error {
  return fault('DURE_COMMIT_INVALID', { reason })
}
