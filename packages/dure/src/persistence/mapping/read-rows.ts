import { fault } from '../../kernel/errors/fault.ts'
import type { Json, JsonObject } from '../../kernel/json.ts'
import type { Cell, ChildTable, StateRows } from '../../ports/state-store.ts'
import { keyReader, looksLike, nouns } from './cells.ts'
import { ChildRows } from './child-rows.ts'
import type { Layout, Placed, PlacedColumn, PlacedGroup, PlacedList } from './layout.ts'
import { tableText, type TableName } from './table-names.ts'

/** Reads one aggregate's state from its rows. */
export type RowReader = (rows: StateRows, id: string) => JsonObject

type Row = readonly Cell[]
type Values = Record<string, Json>

interface Reading {
  readonly id: string
  readonly children: readonly ChildRows[]
}

/** Reads one part from the row that it belongs to. */
type Step = (row: Row, into: Values, reading: Reading) => void

/**
 * Compiles the way from an aggregate's rows back to its state's JSON, once.
 * The reader throws DURE_STATE_UNREADABLE and DURE_STATE_ORPHAN for rows that no state is written to.
 */
export function rowReader({ tables, parts }: Layout): RowReader {
  const { root, children } = tables
  const steps = allSteps(parts, root, children)
  return (rows, id) => {
    const reading = { id, children: children.map((it, i) => new ChildRows(it, rows.children[i] ?? [], id)) }
    const state: Values = {}
    for (const step of steps) step(rows.root, state, reading)
    for (const it of reading.children) it.refuseLeft()
    return state
  }
}

function allSteps(
  parts: readonly Placed[],
  table: TableName,
  children: readonly ChildTable[],
): readonly Step[] {
  return parts.map((it) => {
    if (it.part === 'column') return columnStep(it, table)
    return it.part === 'group' ? groupStep(it, table, children) : listStep(it, children)
  })
}

function columnStep({ field, kind, absence, words, name, at }: PlacedColumn, table: TableName): Step {
  const fits = looksLike(kind)
  const known = words && new Set<unknown>(words)
  const unreadable = refusal(table, name)
  return (row, into, { id }) => {
    const cell = row[at]
    if (cell === null || cell === undefined) {
      if (absence === 'never') throw unreadable(id, 'it is NULL')
      if (absence === 'null') into[field] = null
    } else if (kind === 'json') {
      try {
        into[field] = JSON.parse(cell as string) as Json
      } catch (error) {
        throw unreadable(id, 'it is not JSON', error)
      }
    } else {
      if (!fits(cell)) throw unreadable(id, `it is not ${nouns[kind]}`)
      if (known?.has(cell) === false) throw unreadable(id, `it is none of ${words?.join(', ')}`)
      into[field] = cell
    }
  }
}

function groupStep(it: PlacedGroup, table: TableName, children: readonly ChildTable[]): Step {
  const { field, optional, witnesses } = it
  const steps = allSteps(it.parts, table, children)
  return (row, into, reading) => {
    if (optional && witnesses.every((at) => (row[at] ?? null) === null)) return
    const inside: Values = {}
    for (const step of steps) step(row, inside, reading)
    into[field] = inside
  }
}

function listStep(it: PlacedList, children: readonly ChildTable[]): Step {
  const { field, depth, key } = it
  const table = children[it.table] as ChildTable
  const steps = allSteps(it.parts, table, children)
  const keyOf = keyReader(key.kind)
  const unreadable = refusal(table, key.name)
  return (parent, into, reading) => {
    const list: Json[] = []
    for (const row of (reading.children[it.table] as ChildRows).take(parent)) {
      const own = keyOf(row[depth])
      if (own === undefined) throw unreadable(reading.id, `it is not ${nouns[key.kind]}`)
      const entity: Values = { [key.field]: own }
      for (const step of steps) step(row, entity, reading)
      list.push(entity)
    }
    into[field] = list
  }
}

function refusal(table: TableName, column: string) {
  const text = tableText(table)
  return (id: string, reason: string, cause?: unknown): Error =>
    fault('DURE_STATE_UNREADABLE', { table: text, id, column, reason }, cause)
}
