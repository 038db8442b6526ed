import { fault } from '../../kernel/errors/fault.ts'
import type { StreamId } from '../event-store.ts'
import type {
  Cell,
  ChildTable,
  Claim,
  KeptAggregate,
  Snapshot,
  StateChange,
  StateColumn,
} from '../state-store.ts'
import { checkJsonText, checkName, checkStream, checkText } from './text.ts'

// What every store accepts and refuses of the states that it keeps besides the events.

/** As many digits as PostgreSQL holds before the point. */
const MAX_DIGITS = 131_072
/** The first day that PostgreSQL has, November 24 of 4714 BC; JavaScript has some that are earlier, and none too late. */
const FIRST_INSTANT = Date.UTC(-4713, 10, 24)

/**
 * Refuses a change of rows that contradicts itself or, where `kept` is given, the tables of its aggregate.
 * @throws DURE_COMMIT_INVALID, DURE_STORE_TEXT_INVALID, DURE_STATE_UNSTORABLE
 */
export function checkStateChange(
  stream: StreamId,
  change: StateChange,
  kept?: ReadonlyMap<string, KeptAggregate>,
): void {
  const { from, adopts = false, root, children } = change
  if (!Number.isSafeInteger(from) || from < 0) throw invalid(`a row is expected at version ${from}`)
  if (adopts && from > 0) throw invalid(`a row is adopted that shows version ${from}`)
  if (kept === undefined) return
  const tables = kept.get(stream.aggregate)?.tables
  if (tables === undefined) throw invalid(`${stream.aggregate} is not kept in tables`)
  if (tables.root.tenant === undefined && stream.tenant !== '') {
    throw invalid(`the table ${tables.root.name} knows no tenants`)
  }
  if (root === undefined) return
  checkCells(stream, tables.root.name, tables.root.columns, root, 0)
  if (children.length !== tables.children.length) {
    throw invalid(`${stream.aggregate} has ${tables.children.length} child tables, not ${children.length}`)
  }
  for (const [index, table] of tables.children.entries()) {
    const { upserts = [], removes = [] } = children[index] ?? {}
    for (const row of upserts) checkChild(stream, table, row)
    for (const keys of removes) checkKeys(table, keys, table.keys.length - 1)
    if (upserts.length + removes.length > 1) checkDistinct(table, upserts, removes)
  }
}

/** @throws DURE_STORE_TEXT_INVALID */
export function checkClaims(claims: readonly Claim[]): void {
  for (const { name, value } of claims) {
    checkName('name of the rule', name)
    checkName('value of the claim', value)
  }
}

/** @throws DURE_COMMIT_INVALID, DURE_STORE_TEXT_INVALID */
export function checkSnapshot(stream: StreamId, { version, shape }: Snapshot): void {
  checkStream(stream)
  checkText('shape', shape)
  if (!Number.isSafeInteger(version) || version < 1) throw invalid(`a snapshot is of version ${version}`)
}

function checkChild(stream: StreamId, table: ChildTable, row: readonly Cell[]): void {
  const keys = table.keys.length - 1
  checkKeys(table, row, keys)
  const ordinal = row[keys]
  if (typeof ordinal !== 'number' || !Number.isSafeInteger(ordinal) || ordinal < 0) {
    throw invalid(`a row of ${table.name} has the place ${ordinal} in its list`)
  }
  checkCells(stream, table.name, table.columns, row, keys + 1)
}

function checkKeys(table: ChildTable, row: readonly Cell[], count: number): void {
  if (row.length < count) throw invalid(`a row of ${table.name} lacks a key`)
  for (let i = 0; i < count; i++) {
    const key = row[i]
    if (typeof key !== 'string') throw invalid(`a key of ${table.name} is no text`)
    checkName(`key of ${table.name}`, key)
  }
}

/** One statement cannot write a row twice. */
function checkDistinct(
  table: ChildTable,
  upserts: readonly (readonly Cell[])[],
  removes: readonly (readonly Cell[])[],
): void {
  const count = table.keys.length - 1
  const seen = new Set<string>()
  for (const row of [...upserts, ...removes]) {
    const key = row.slice(0, count).join('\0')
    if (seen.has(key)) throw invalid(`a row of ${table.name} changes twice`)
    seen.add(key)
  }
}

function checkCells(
  stream: StreamId,
  table: string,
  columns: readonly StateColumn[],
  row: readonly Cell[],
  first: number,
): void {
  if (row.length !== first + columns.length) {
    throw invalid(`a row of ${table} has ${row.length - first} cells for ${columns.length} columns`)
  }
  for (const [index, column] of columns.entries()) {
    const cell = row[first + index] ?? null
    if (cell === null) continue
    const what = `${table}.${column.name}`
    if (!fits(column, cell)) throw invalid(`${what} is no ${column.kind}`)
    const reason = typeof cell === 'string' ? unstorable(what, column, cell) : undefined
    if (reason === undefined) continue
    throw fault('DURE_STATE_UNSTORABLE', { aggregate: stream.aggregate, id: stream.id, reason })
  }
}

function fits({ kind }: StateColumn, cell: string | number | boolean): boolean {
  if (kind === 'integer') return Number.isSafeInteger(cell)
  if (kind === 'number') return Number.isFinite(cell)
  if (kind === 'boolean') return typeof cell === 'boolean'
  if (typeof cell !== 'string') return false
  if (kind === 'bigInt') return /^-?\d+$/.test(cell)
  return kind !== 'instant' || !Number.isNaN(Date.parse(cell))
}

/** Why a cell of the right kind still cannot be stored. */
function unstorable(what: string, { kind, indexed }: StateColumn, cell: string): string | undefined {
  if (indexed) checkName(what, cell)
  else if (kind === 'text') checkText(what, cell)
  else if (kind === 'json') checkJsonText(what, cell)
  if (kind === 'bigInt' && cell.length > MAX_DIGITS) return `${what} has more than ${MAX_DIGITS} digits`
  if (kind === 'instant' && Date.parse(cell) < FIRST_INSTANT) return `${what} lies before 4714 BC`
  return undefined
}

function invalid(reason: string): Error {
  return fault('DURE_COMMIT_INVALID', { reason })
}
