import { fault } from '../../../kernel/errors/fault.ts'
import type { StreamId } from '../../../ports/event-store.ts'
import type {
  AggregateTables,
  Cell,
  ChildTable,
  ColumnKind,
  KeptAggregate,
  StateTable,
} from '../../../ports/state-store.ts'
import { quoted } from '../schema-name.ts'
import { codecFor, type ColumnCodec, ownTypes, Unfit } from '../columns/column-codec.ts'
import type { FoundColumn } from '../columns/found-column.ts'
import { type KeyCodec, keyCodecFor } from '../columns/key-codec.ts'

/** A column with its codec. */
export interface Field<C extends ColumnCodec = ColumnCodec> {
  readonly name: string
  /** The name, quoted. */
  readonly sql: string
  readonly codec: C
}

/** A table, ready for statements. */
export interface KeptTable {
  /** Qualified and quoted. */
  readonly sql: string
  /** For messages. */
  readonly name: string
  readonly tenant: Field<KeyCodec> | undefined
  readonly id: Field<KeyCodec>
  /** Below the root's id. */
  readonly keys: readonly Field<KeyCodec>[]
  /** One for each cell of a row, in its order. */
  readonly cells: readonly Field[]
}

/** The tables of one aggregate, ready for statements. */
export interface KeptTables {
  readonly aggregate: string
  readonly shape: string
  readonly derived: boolean
  readonly root: KeptTable & { readonly version: string; readonly shape: string }
  readonly children: readonly (KeptTable & { readonly ordinal: string })[]
}

/** The columns of the tables that are there, by the key of `tableKey`. */
export type FoundColumns = ReadonlyMap<string, { readonly columns: ReadonlyMap<string, FoundColumn> }>

/** Names a table; without a schema it stands in the context's own. */
export function tableKey(schema: string, table: Pick<StateTable, 'schema' | 'name'>): string {
  return `${table.schema ?? schema}.${table.name}`
}

/**
 * Finds the codec of every column.
 * @throws DURE_TABLE_MISSING, DURE_COLUMN_MISSING, DURE_COLUMN_TYPE
 */
export function keepInTables(
  schema: string,
  context: string,
  { aggregate, shape }: KeptAggregate,
  { root, children, derived }: AggregateTables,
  found: FoundColumns,
): KeptTables {
  const resolve = (table: StateTable): { table: KeptTable; fields: ReturnType<typeof fieldsOf> } => {
    const name = tableKey(schema, table)
    const columns = found.get(name)?.columns
    if (columns === undefined) throw fault('DURE_TABLE_MISSING', { context, table: name })
    const fields = fieldsOf(name, columns)
    const [id, ...keys] = table.keys.map(fields.key)
    if (id === undefined) throw noKey(name)
    const { tenant } = table
    const sql = `${quoted(table.schema ?? schema)}.${quoted(table.name)}`
    const of = { sql, name, tenant: tenant === undefined ? undefined : fields.key(tenant), id, keys }
    const own = table.columns.map((it) => fields.column(it.name, it.kind))
    const place = isChild(table) ? [fields.column(table.ordinal, 'integer')] : []
    return { table: { ...of, cells: [...keys, ...place, ...own] }, fields }
  }
  const top = resolve(root)
  return {
    aggregate,
    shape,
    derived,
    root: {
      ...top.table,
      version: top.fields.column(root.version, 'integer').sql,
      shape: top.fields.column(root.shape, 'text').sql,
    },
    children: children.map((it) => ({ ...resolve(it).table, ordinal: quoted(it.ordinal) })),
  }
}

function fieldsOf(table: string, columns: ReadonlyMap<string, FoundColumn>) {
  const field = <C extends ColumnCodec>(
    name: string,
    needed: string,
    codecOf: (column: FoundColumn) => C | undefined,
  ): Field<C> => {
    const column = columns.get(name)
    if (column === undefined) throw fault('DURE_COLUMN_MISSING', { table, column: name, needed })
    const codec = codecOf(column)
    if (codec !== undefined) return { name, sql: quoted(name), codec }
    throw fault('DURE_COLUMN_TYPE', { table, column: name, needed, found: column.shown })
  }
  return {
    key: (name: string) => field(name, 'text', keyCodecFor),
    column: (name: string, kind: ColumnKind) => field(name, ownTypes[kind], (it) => codecFor(kind, it)),
  }
}

function isChild(table: StateTable): table is ChildTable {
  return 'ordinal' in table
}

function noKey(where: string): Error {
  const fix = 'Name the column of the id in the mapping.'
  return fault('DURE_MAPPING_INVALID', { where, reason: 'it has no key', fix })
}

/** @throws DURE_COMMIT_INVALID */
export function tablesOf(all: ReadonlyMap<string, KeptTables>, { aggregate }: StreamId): KeptTables {
  const tables = all.get(aggregate)
  if (tables !== undefined) return tables
  throw fault('DURE_COMMIT_INVALID', { reason: `${aggregate} is not kept in tables` })
}

/** The key of a stream's rows as parameters; undefined where the tables cannot hold such a one. */
export function keyOf(
  { root }: KeptTables,
  { tenant, id }: StreamId,
): { tenant: string; id: string } | Unfit {
  const idText = root.id.codec.encode(id)
  if (idText instanceof Unfit) return new Unfit(`the id: ${idText.reason}`)
  if (root.tenant === undefined) {
    if (tenant !== '') return new Unfit(`${root.name} knows no tenants`)
    return { tenant, id: idText }
  }
  const tenantText = root.tenant.codec.encode(tenant)
  if (tenantText instanceof Unfit) return new Unfit(`the tenant: ${tenantText.reason}`)
  return { tenant: tenantText, id: idText }
}

/** The text of a parameter for a cell. */
export function encodeCell(field: Field, cell: Cell | undefined): string | null | Unfit {
  if (cell === null || cell === undefined) return null
  const text = field.codec.encode(cell)
  return text instanceof Unfit ? new Unfit(`${field.name}: ${text.reason}`) : text
}

/** @throws DURE_STATE_UNREADABLE */
export function decodeCell(table: KeptTable, id: string, field: Field, value: Cell): Cell {
  if (value === null) return null
  const cell = field.codec.decode(value)
  if (!(cell instanceof Unfit)) return cell
  throw fault('DURE_STATE_UNREADABLE', { table: table.name, id, column: field.name, reason: cell.reason })
}
