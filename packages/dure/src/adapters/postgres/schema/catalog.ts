import type { KeptAggregate, StateTable } from '../../../ports/state-store.ts'
import { quoted } from '../schema-name.ts'
import type { Session } from '../session.ts'
import type { FoundColumn } from '../columns/found-column.ts'
import { tableKey } from '../state/kept-tables.ts'

/** A table as it is. */
export interface FoundTable {
  readonly schema: string
  readonly name: string
  readonly columns: ReadonlyMap<string, FoundColumn>
  readonly indexes: readonly FoundIndex[]
  /** The aggregate that Dure made it for; undefined for somebody else's. */
  readonly madeFor: string | undefined
}

export interface FoundIndex {
  readonly name: string
  /** False where making it was interrupted, or goes on. */
  readonly valid: boolean
  /** Over all rows, and checked at once. */
  readonly unique: boolean
  /** Over all rows. */
  readonly complete: boolean
  /** Null for an expression. */
  readonly columns: readonly (string | null)[]
}

/** By `tableKey`. */
export type Catalog = ReadonlyMap<string, FoundTable>

type CatalogRow = [
  schema: string,
  name: string,
  aggregate: string | null,
  columns: string,
  indexes: string | null,
]
type ColumnRow = [
  name: string,
  type: string,
  sqlType: string,
  typtype: string,
  modifier: number,
  shown: string,
]
type IndexRow = [name: string, valid: boolean, unique: boolean, complete: boolean, columns: (string | null)[]]

/** The tables of all aggregates that are kept in tables. */
export function tablesOfAll(kept: readonly KeptAggregate[]): StateTable[] {
  return kept.flatMap(({ tables }) => (tables === undefined ? [] : [tables.root, ...tables.children]))
}

/** The tables that aggregates are mapped to, and those that Dure has made for aggregates: one query. */
export async function readCatalog(
  queries: Pick<Session, 'once'>,
  schema: string,
  kept: readonly KeptAggregate[],
): Promise<Catalog> {
  const mapped = tablesOfAll(kept)
  const rows = await queries.once<CatalogRow>(catalogSql(quoted(schema)), [
    schema,
    mapped.map((it) => it.schema ?? schema),
    mapped.map((it) => it.name),
  ])
  return new Map(rows.map((row) => [tableKey(row[0], { name: row[1] }), toTable(row)]))
}

/** What there is where the tables of Dure are missing too: only what others have made. */
export async function readForeignCatalog(
  queries: Pick<Session, 'once'>,
  schema: string,
  kept: readonly KeptAggregate[],
): Promise<Catalog> {
  const mapped = tablesOfAll(kept)
  if (mapped.every((it) => it.schema === undefined)) return new Map()
  const none = `(select null::text as name, null::text as aggregate where false)`
  const rows = await queries.once<CatalogRow>(catalogSql(undefined, none), [
    schema,
    mapped.map((it) => it.schema ?? schema),
    mapped.map((it) => it.name),
  ])
  return new Map(rows.map((row) => [tableKey(row[0], { name: row[1] }), toTable(row)]))
}

/** A domain is read as what is below it: that is what a cast must be to, lest it cuts a text to the domain's length. */
function catalogSql(s: string | undefined, made = `${s}.kept_tables`): string {
  return `
select n.nspname, c.relname, k.aggregate,
  (select coalesce(json_agg(json_build_array(a.attname, b.typname,
      quote_ident(bn.nspname) || '.' || quote_ident(b.typname), b.typtype,
      case when t.typtype = 'd' then t.typtypmod else a.atttypmod end, format_type(a.atttypid, a.atttypmod))), '[]')
    from pg_attribute a join pg_type t on t.oid = a.atttypid
      join pg_type b on b.oid = case when t.typtype = 'd' then t.typbasetype else t.oid end
      join pg_namespace bn on bn.oid = b.typnamespace
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped),
  (select json_agg(json_build_array(ic.relname, x.indisvalid,
      x.indisunique and x.indimmediate and x.indpred is null, x.indpred is null,
      (select json_agg(a.attname order by i.place)
        from unnest(x.indkey) with ordinality i (number, place)
          left join pg_attribute a on a.attrelid = c.oid and a.attnum = i.number and i.number > 0
        where i.place <= x.indnkeyatts)))
    from pg_index x join pg_class ic on ic.oid = x.indexrelid where x.indrelid = c.oid)
from pg_class c join pg_namespace n on n.oid = c.relnamespace
  left join ${made} k on n.nspname = $1 and k.name = c.relname
where c.relkind in ('r', 'p') and (k.name is not null
  or (n.nspname::text, c.relname::text) in (select * from unnest($2::text[], $3::text[])))`
}

function toTable([schema, name, aggregate, columns, indexes]: CatalogRow): FoundTable {
  const found = (JSON.parse(columns) as ColumnRow[]).map(
    ([column, type, sqlType, typtype, modifier, shown]) => ({
      name: column,
      type,
      sqlType,
      isEnum: typtype === 'e',
      modifier,
      shown,
    }),
  )
  return {
    schema,
    name,
    columns: new Map(found.map((it) => [it.name, it])),
    indexes: (JSON.parse(indexes ?? '[]') as IndexRow[]).map(([index, valid, unique, complete, keys]) => ({
      name: index,
      valid,
      unique,
      complete,
      columns: keys,
    })),
    madeFor: aggregate ?? undefined,
  }
}
