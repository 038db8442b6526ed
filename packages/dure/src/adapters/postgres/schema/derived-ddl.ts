import { createHash } from 'node:crypto'
import type {
  AggregateTables,
  ChildTable,
  RootTable,
  StateColumn,
  StateTable,
} from '../../../ports/state-store.ts'
import { quoted } from '../schema-name.ts'
import { ownTypes } from '../columns/column-codec.ts'

const MAX_IDENTIFIER_BYTES = 63

/**
 * A table of Dure's own. Only what every release knows is NOT NULL, so that an older one can go on inserting. Rows are
 * updated in place, hence the room in their pages; analyze waits, as everywhere, so that no plan is made of a tiny table.
 */
export function createTable(schema: string, tables: AggregateTables, table: RootTable | ChildTable): string {
  const key = [...tenantOf(table), ...table.keys]
  const own = 'ordinal' in table ? childColumns(table) : rootColumns(table)
  const lines = [
    ...key.map((it) => `${quoted(it)} text collate "C" not null`),
    ...own,
    ...table.columns.map((it) => `${quoted(it.name)} ${typeOf(it)}`),
    `primary key (${key.map(quoted).join(', ')})`,
    ...('ordinal' in table ? [foreignKey(schema, tables, table)] : []),
  ]
  const indexes = table.columns.filter((it) => it.indexed).map((it) => createIndex(schema, table, it))
  return [
    `create table ${quoted(schema)}.${quoted(table.name)} (\n  ${lines.join(',\n  ')}\n) with (fillfactor = 70, autovacuum_analyze_threshold = 1000)`,
    ...indexes,
  ].join(';\n')
}

export function addColumn(schema: string, table: string, column: string, type: string): string {
  return `alter table ${quoted(schema)}.${quoted(table)} add column ${quoted(column)} ${type}`
}

export function typeOf({ kind, indexed }: StateColumn): string {
  return kind === 'text' && indexed ? 'text collate "C"' : ownTypes[kind]
}

export function createIndex(schema: string, table: StateTable, column: StateColumn, how = ''): string {
  const name = quoted(indexName(table.name, column.name))
  return `create index ${how}${name} on ${quoted(schema)}.${quoted(table.name)} (${quoted(column.name)})`
}

/** Cut as long names are, but with what tells them apart kept. */
export function indexName(table: string, column: string): string {
  const name = `${table}_${column}_ref`
  if (Buffer.byteLength(name) <= MAX_IDENTIFIER_BYTES) return name
  const hash = createHash('sha256').update(`${table}\0${column}`).digest('hex').slice(0, 12)
  let cut = name
  while (Buffer.byteLength(cut) > MAX_IDENTIFIER_BYTES - hash.length - 1)
    cut = Array.from(cut).slice(0, -1).join('')
  return `${cut}_${hash}`
}

function tenantOf({ tenant }: StateTable): string[] {
  return tenant === undefined ? [] : [tenant]
}

function rootColumns({ version, shape }: RootTable): string[] {
  return [`${quoted(version)} int not null`, `${quoted(shape)} text not null`]
}

function childColumns({ ordinal }: ChildTable): string[] {
  return [`${quoted(ordinal)} int not null`]
}

/** Its columns begin the primary key, so it needs no index of its own. */
function foreignKey(schema: string, { root, children }: AggregateTables, table: ChildTable): string {
  const parent: StateTable = (table.parent === undefined ? undefined : children[table.parent]) ?? root
  const columns = [...tenantOf(table), ...table.keys.slice(0, parent.keys.length)].map(quoted).join(', ')
  const target = [...tenantOf(parent), ...parent.keys].map(quoted).join(', ')
  return `foreign key (${columns}) references ${quoted(schema)}.${quoted(parent.name)} (${target}) on delete cascade`
}
