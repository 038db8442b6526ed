import type { StreamHistory } from '../../../ports/event-store.ts'
import type { Cell, StateRows } from '../../../ports/state-store.ts'
import type { Row } from '../statement.ts'
import { decodeCell, type Field, type KeptTable, type KeptTables } from './kept-tables.ts'

/** What is found of one table, ready to be decoded. */
interface OfTable {
  readonly table: KeptTable
  /** The places of the cells that are not as they came. */
  readonly coded: readonly number[]
}

/** The rows that are found: their cells, then nulls up to `width`, then what a row is of. */
export interface TableCells {
  readonly root: OfTable
  readonly children: readonly OfTable[]
  readonly width: number
  /** A child says the place of its table; the root its stream, in words. */
  readonly isRoot: (row: Row) => boolean
}

export function cellsOf({ root, children }: KeptTables): TableCells {
  const width = widthOf(root, children)
  const isRoot = (row: Row): boolean => (row[width] as string).includes(' ')
  return { root: ofTable(root), children: children.map(ofTable), width, isRoot }
}

function ofTable(table: KeptTable): OfTable {
  return { table, coded: [...table.cells.keys()].filter((i) => table.cells[i]?.codec.verbatim !== true) }
}

function widthOf(root: KeptTable, children: readonly KeptTable[]): number {
  return Math.max(root.cells.length, ...children.map((it) => it.cells.length))
}

/** @throws DURE_STATE_UNREADABLE */
function rowsOf(cells: TableCells, id: string, first: Row, found: readonly Row[]): StateRows {
  const { root, children, width } = cells
  const lists: Cell[][][] = children.map(() => [])
  for (const it of found) {
    if (it === first) continue
    const child = Number(it[width])
    lists[child]?.push(decoded(children[child] as OfTable, id, it))
  }
  for (const [i, list] of lists.entries()) {
    const at = (children[i] as OfTable).table.keys.length
    lists[i] = (at === 1 ? byPlace(list) : undefined) ?? inOrder(list, at)
  }
  return { root: decoded(root, id, first), children: lists }
}

/** In place: what the driver made of an answer is nobody else's. */
function decoded({ table, coded }: OfTable, id: string, row: Row): Cell[] {
  const cells = row as Cell[]
  cells.length = table.cells.length
  for (const at of coded) cells[at] = decodeCell(table, id, table.cells[at] as Field, cells[at] as Cell)
  return cells
}

/** The rows of one list, each put where its ordinal says; undefined where some place has none. */
function byPlace(rows: readonly Cell[][]): Cell[][] | undefined {
  const placed = Array<Cell[] | undefined>(rows.length).fill(undefined)
  for (const row of rows) {
    const place = row[1] as number
    if (!(place >= 0 && place < rows.length) || placed[place] !== undefined) return undefined
    placed[place] = row
  }
  return placed as Cell[][]
}

/** By the ordinal, which follows the keys; lists of several entities one through the other, by their keys. */
function inOrder(rows: readonly Cell[][], at: number): Cell[][] {
  return rows.toSorted((a, b) => {
    const places = Number(a[at]) - Number(b[at])
    if (places !== 0) return places
    for (let i = 0; i < at; i++) {
      const [left, right] = [String(a[i]), String(b[i])]
      if (left !== right) return left < right ? -1 : 1
    }
    return 0
  })
}

/** What the row of a root `c` is of: version and end of its stream `s`, the version that it shows, whether `$4` is its shape. */
export function shownWords(root: KeptTables['root']): string {
  const shown = `case when c.${root.id.sql} is not null then coalesce(c.${root.version}, 0)::text else '' end`
  const same = `coalesce((c.${root.shape} = $4::text)::text, '')`
  return ['s.version::text', 's.ended::text', shown, same].join(` || ' ' || `)
}

/**
 * What the rows found of one stream tell: that of the root, which says in words version, end, the version that it shows and
 * whether it has the shape, and those of its children. Without a `row` where there is none.
 */
export function historyOf(cells: TableCells, id: string, root: Row, found: readonly Row[]): StreamHistory {
  const [at, end, shown, same] = (root[cells.width] as string).split(' ')
  const history = { version: Number(at), ended: end === 'true', events: [] }
  if (shown === '') return history
  const row = Number(shown)
  const usable = row > 0 && same === 'true'
  return {
    ...history,
    row,
    ...(usable && { baseline: { version: row, rows: rowsOf(cells, id, root, found) } }),
  }
}

/** Texts that fill a row of so many cells, then what it is of. */
export function filled(width: number, texts: readonly string[], of: string): string {
  return [...texts, ...Array.from({ length: width - texts.length }, () => 'null'), of].join(', ')
}

export function textsOf(table: KeptTable): string[] {
  return table.cells.map((it) => `${it.codec.select(`c.${it.sql}`)}::text`)
}
