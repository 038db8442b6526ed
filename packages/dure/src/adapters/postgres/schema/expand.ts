import { fault } from '../../../kernel/errors/fault.ts'
import type {
  AggregateTables,
  ChildTable,
  KeptAggregate,
  RootTable,
  StateColumn,
  StateTable,
} from '../../../ports/state-store.ts'
import { quoted, quotedText } from '../schema-name.ts'
import type { FoundColumn } from '../columns/found-column.ts'
import { keepInTables, type KeptTables, tableKey } from '../state/kept-tables.ts'
import type { Catalog, FoundTable } from './catalog.ts'
import { addColumn, createIndex, createTable, indexName, typeOf } from './derived-ddl.ts'
import { expandStep, type PlannedStep } from './planned-step.ts'

/** What is to be added for one aggregate, and its tables once that is done. */
export interface Expansion {
  readonly steps: readonly PlannedStep[]
  readonly tables: KeptTables
}

/**
 * Compares the tables of an aggregate with those that are there.
 * @throws DURE_TABLE_MISSING, DURE_COLUMN_MISSING, DURE_COLUMN_TYPE, DURE_MAPPING_INVALID
 */
export function expand(
  schema: string,
  context: string,
  kept: KeptAggregate,
  tables: AggregateTables,
  catalog: Catalog,
): Expansion {
  const then = new Map<string, { columns: ReadonlyMap<string, FoundColumn> }>()
  const steps = [tables.root, ...tables.children].flatMap((table) => {
    const found = catalog.get(tableKey(schema, table))
    const missing = found === undefined ? missingTable(table, tables) : missingColumns(table, found, tables)
    if (found !== undefined || tables.derived) {
      const columns = [...(found?.columns ?? []), ...missing.map((it) => [it.name, columnLike(it)] as const)]
      then.set(tableKey(schema, table), { columns: new Map(columns) })
    }
    return found === undefined
      ? tables.derived
        ? [creation(schema, kept.aggregate, tables, table)]
        : []
      : additions(schema, tables, table, found, missing)
  })
  return { steps, tables: keepInTables(schema, context, kept, tables, then) }
}

interface MissingColumn {
  readonly name: string
  readonly type: string
}

const typeNames: Readonly<Record<string, string>> = {
  int: 'int4',
  bigint: 'int8',
  'double precision': 'float8',
  boolean: 'bool',
  'timestamp with time zone': 'timestamptz',
}

/** A column as it will be found. */
function columnLike({ name, type }: MissingColumn): FoundColumn {
  const [plain = type] = type.split(' collate ')
  const named = typeNames[plain] ?? plain
  return { name, type: named, sqlType: `pg_catalog.${named}`, isEnum: false, modifier: -1, shown: plain }
}

function creation(
  schema: string,
  aggregate: string,
  tables: AggregateTables,
  table: RootTable | ChildTable,
): PlannedStep {
  const record = `insert into ${quoted(schema)}.kept_tables (name, aggregate, made_at)
  values (${quotedText(table.name)}, ${quotedText(aggregate)}, now())
  on conflict (name) do update set aggregate = excluded.aggregate, made_at = excluded.made_at`
  return expandStep(`create table ${table.name}`, `${createTable(schema, tables, table)};\n${record}`)
}

/** All columns of a table that is not there. */
function missingTable(table: RootTable | ChildTable, { derived }: AggregateTables): MissingColumn[] {
  if (!derived) return []
  const keys = [...(table.tenant === undefined ? [] : [table.tenant]), ...table.keys]
  return [
    ...keys.map((name) => ({ name, type: 'text' })),
    ...kept(table),
    ...('ordinal' in table ? [{ name: table.ordinal, type: 'int' }] : []),
    ...table.columns.map((it) => ({ name: it.name, type: typeOf(it) })),
  ]
}

/** What may be added to a table that is there: to somebody else's only what Dure needs. */
function missingColumns(
  table: RootTable | ChildTable,
  { columns }: FoundTable,
  { derived }: AggregateTables,
): MissingColumn[] {
  const own = derived ? table.columns.map((it) => ({ name: it.name, type: typeOf(it) })) : []
  return [...(derived ? [] : kept(table)), ...own].filter((it) => !columns.has(it.name))
}

function kept(table: RootTable | ChildTable): MissingColumn[] {
  if ('ordinal' in table) return []
  return [
    { name: table.version, type: 'int' },
    { name: table.shape, type: 'text' },
  ]
}

function additions(
  schema: string,
  { derived }: AggregateTables,
  table: StateTable,
  found: FoundTable,
  missing: readonly MissingColumn[],
): PlannedStep[] {
  const shown = derived ? table.name : tableKey(schema, table)
  if (derived && found.madeFor === undefined) throw notOurs(tableKey(schema, table))
  if (!hasUniqueKey(table, found)) throw notUnique(tableKey(schema, table), table)
  const columns = missing.map((it) =>
    expandStep(`add column ${shown}.${it.name}`, addColumn(found.schema, table.name, it.name, it.type)),
  )
  const indexed = derived ? table.columns.filter((it) => it.indexed && !hasIndex(found, it)) : []
  return [...columns, ...indexed.map((it) => indexing(schema, table, it, found))]
}

/** Beside writers, which an ordinary one would hold up; one that was interrupted is in the way. */
function indexing(schema: string, table: StateTable, column: StateColumn, found: FoundTable): PlannedStep {
  const name = indexName(table.name, column.name)
  const leftover = found.indexes.some((it) => it.name === name)
    ? [`drop index concurrently if exists ${quoted(schema)}.${quoted(name)}`]
    : []
  const apart = [...leftover, createIndex(schema, table, column, 'concurrently ')]
  return { ...expandStep(`create index on ${table.name}.${column.name}`, apart.join(';\n')), apart }
}

function hasIndex({ indexes }: FoundTable, { name }: StateColumn): boolean {
  return indexes.some((it) => it.valid && it.complete && it.columns[0] === name)
}

/** A row is found, and met a second time, by its key. */
function hasUniqueKey(table: StateTable, { indexes }: FoundTable): boolean {
  const key = [...(table.tenant === undefined ? [] : [table.tenant]), ...table.keys]
  return indexes.some(
    ({ valid, unique, columns }) =>
      valid && unique && columns.length === key.length && key.every((it) => columns.includes(it)),
  )
}

function notOurs(where: string): Error {
  const reason = 'a table of this name is there that Dure has not made.'
  return fault('DURE_MAPPING_INVALID', { where, reason, fix: 'Give the mapping another `table`.' })
}

function notUnique(where: string, { tenant, keys }: StateTable): Error {
  const columns = [...(tenant === undefined ? [] : [tenant]), ...keys].join(', ')
  return fault('DURE_MAPPING_INVALID', {
    where,
    reason: `it has no primary key or unique index on exactly (${columns}).`,
    fix: 'Create one: rows are found by it.',
  })
}
