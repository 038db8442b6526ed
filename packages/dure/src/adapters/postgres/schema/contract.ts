import type { AggregateTables, ChildTable, KeptAggregate, RootTable } from '../../../ports/state-store.ts'
import { quoted, quotedText } from '../schema-name.ts'
import { tableKey } from '../state/kept-tables.ts'
import type { Catalog, FoundTable } from './catalog.ts'
import type { PlannedStep } from './planned-step.ts'

/** What Dure has made and no mapping has any more. Tables of others are never touched. */
export function contract(schema: string, kept: readonly KeptAggregate[], catalog: Catalog): PlannedStep[] {
  const mapped = new Map(kept.flatMap(({ tables }) => (tables?.derived === true ? columnsOf(tables) : [])))
  const made = [...catalog.values()].filter((it) => it.madeFor !== undefined && it.schema === schema)
  const unmapped = Map.groupBy(
    made.filter((it) => !mapped.has(it.name)),
    (it) => it.madeFor,
  )
  const rootOf = new Map(kept.flatMap((it) => ownRoot(schema, it, catalog)))
  return [
    ...made.flatMap((table) => leftColumns(schema, table, mapped.get(table.name))),
    ...Array.from(unmapped.values(), (tables) => dropTables(schema, tables)),
  ].map(({ aggregate, ...step }) => ({ ...step, sql: (rootOf.get(aggregate) ?? '') + step.sql }))
}

type Removal = PlannedStep & { readonly aggregate: string | undefined }

/**
 * Rows that an older release has left in its own shape lose a part. Should it ever come back, it must not take them for
 * whole, so they are of no shape from here on and are folded from the events.
 */
function ownRoot(
  schema: string,
  { aggregate, shape, tables }: KeptAggregate,
  catalog: Catalog,
): [aggregate: string | undefined, sql: string][] {
  if (tables?.derived !== true || !catalog.has(tableKey(schema, tables.root))) return []
  const { root } = tables
  const column = quoted(root.shape)
  const table = `${quoted(schema)}.${quoted(root.name)}`
  return [[aggregate, `update ${table} set ${column} = '' where ${column} <> ${quotedText(shape)};\n`]]
}

function columnsOf({ root, children }: AggregateTables): [table: string, columns: ReadonlySet<string>][] {
  return [root, ...children].map((table) => [table.name, new Set(namesOf(table))])
}

function namesOf(table: RootTable | ChildTable): string[] {
  const own = 'ordinal' in table ? [table.ordinal] : [table.version, table.shape]
  const tenant = table.tenant === undefined ? [] : [table.tenant]
  return [...tenant, ...table.keys, ...own, ...table.columns.map((it) => it.name)]
}

function leftColumns(
  schema: string,
  { name, columns, madeFor: aggregate }: FoundTable,
  mapped: ReadonlySet<string> | undefined,
): Removal[] {
  if (mapped === undefined) return []
  return [...columns.keys()]
    .filter((it) => !mapped.has(it))
    .map((column) => ({
      aggregate,
      kind: 'contract',
      what: `drop column ${name}.${column}`,
      sql: `alter table ${quoted(schema)}.${quoted(name)} drop column if exists ${quoted(column)}`,
      destroys: true,
    }))
}

/** Together, because they refer to each other. What others have made of them, such as a view, is in the way. */
function dropTables(schema: string, tables: readonly FoundTable[]): Removal {
  const names = tables.map((it) => it.name).toSorted()
  const list = names.map(quotedText).join(', ')
  return {
    aggregate: tables[0]?.madeFor,
    kind: 'contract',
    what: `drop table ${names.join(', ')}`,
    sql: `drop table ${names.map((it) => `${quoted(schema)}.${quoted(it)}`).join(', ')};
delete from ${quoted(schema)}.kept_tables where name in (${list})`,
    destroys: true,
  }
}
