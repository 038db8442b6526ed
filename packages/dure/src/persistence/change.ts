import type { Json } from '../kernel/json.ts'
import { sameJson } from '../kernel/json.ts'
import type { Cell, ChildTable, StateChange, StateColumn, StateRows } from '../ports/state-store.ts'
import type { Mapping } from './mapping/mapping.ts'

type Row = readonly Cell[]
type ListChange = StateChange['children'][number]

const unchanged: ListChange = { upserts: [], removes: [] }

/**
 * How the rows of an aggregate become others. `before` is what its tables show, undefined where that is not known; `from`
 * the version that its row shows, 0 where there is none. `after` is undefined once the aggregate has ended.
 */
export function changeOf(
  mapping: Mapping,
  before: StateRows | undefined,
  after: StateRows | undefined,
  from: number,
): StateChange {
  const tables = mapping.tables.children
  if (after === undefined) return { from, children: tables.map(() => unchanged), whole: false }
  const { root } = after
  if (before === undefined) {
    const children = after.children.map((upserts) => ({ upserts, removes: [] }))
    // Where no foreign key of Dure's own holds them, child rows may stand without a root.
    return { from, root, children, whole: from > 0 || !mapping.tables.derived }
  }
  const children = tables.map((it, i) => listChange(it, before.children[i] ?? [], after.children[i] ?? []))
  return { from, root, children, whole: false }
}

function listChange(table: ChildTable, before: readonly Row[], after: readonly Row[]): ListChange {
  const keys = table.keys.length - 1
  // Mostly rows stay in their places, and these need no map.
  let same = 0
  const least = Math.min(before.length, after.length)
  const upserts: Row[] = []
  for (; same < least; same++) {
    const [old, now] = [before[same] as Row, after[same] as Row]
    if (old === now) continue
    if (!sameKeys(old, now, keys)) break
    if (!sameCells(table, old, now, keys)) upserts.push(now)
  }
  if (same === before.length && same === after.length) {
    return upserts.length === 0 ? unchanged : { upserts, removes: [] }
  }
  const left = new Map<string, Row>()
  for (let i = same; i < before.length; i++) left.set(keyOf(before[i] as Row, keys), before[i] as Row)
  for (let i = same; i < after.length; i++) {
    const now = after[i] as Row
    const key = keyOf(now, keys)
    const old = left.get(key)
    left.delete(key)
    if (old === undefined || !sameCells(table, old, now, keys)) upserts.push(now)
  }
  return { upserts, removes: Array.from(left.values(), (it) => it.slice(0, keys)) }
}

function sameKeys(a: Row, b: Row, keys: number): boolean {
  for (let i = 0; i < keys; i++) if (a[i] !== b[i]) return false
  return true
}

/** Whether rows of the same keys say the same; their first cell after the keys is the ordinal. */
function sameCells({ columns }: ChildTable, a: Row, b: Row, keys: number): boolean {
  for (let i = keys; i < b.length; i++) {
    if (a[i] === b[i]) continue
    if (!sameText(columns[i - keys - 1], a[i], b[i])) return false
  }
  return true
}

/** A database writes JSON in its own way: with spaces, with the keys in another order. */
function sameText(column: StateColumn | undefined, a: Cell | undefined, b: Cell | undefined): boolean {
  if (column?.kind !== 'json' || typeof a !== 'string' || typeof b !== 'string') return false
  return sameJson(JSON.parse(a) as Json, JSON.parse(b) as Json)
}

function keyOf(row: Row, keys: number): string {
  return keys === 1 ? String(row[0]) : JSON.stringify(row.slice(0, keys))
}
