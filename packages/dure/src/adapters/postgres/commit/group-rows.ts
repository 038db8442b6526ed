import type { Append } from '../../../ports/event-store.ts'
import type { Cell } from '../../../ports/state-store.ts'
import { plainArray, textArray } from './array-text.ts'
import { Unfit } from '../columns/column-codec.ts'
import { encodeCell, type Field, keyOf, type KeptTable, type KeptTables } from '../state/kept-tables.ts'
import { unstorable } from '../state/row-values.ts'
import type { Bind } from '../state/statement-cache.ts'

/** The rows of a group in its statement. */
export interface GroupedRows {
  /** Types and names of what each append has of its own besides. */
  readonly types: readonly string[]
  readonly names: readonly string[]
  /** What writes them for those that have won, which are in `ours`. */
  parts(bind: Bind): string[]
  /** Whether the row of one that has won was not as it has to be. */
  readonly refused: string
}

/** How the rows of a group are written: all put in, or all changed by so many events. */
export type GroupedWrite = 'insert' | number

/** The cells of one append as texts. */
export interface RowTexts {
  readonly root: readonly (string | null)[]
  readonly children: readonly (readonly (readonly (string | null)[])[])[]
}

/**
 * How an append's rows can be written together with those of others; undefined where they cannot. What is written of a
 * group is found by a unique key alone, through `on conflict`, whatever the planner thinks of the tables. Rows that are
 * removed would be joined, and a plan made while a table is small reads all of it: so who removes some goes alone, as does
 * who has claims, and whose row is not at the version of its stream.
 */
export function groupedWrite(tables: KeptTables, append: Append): GroupedWrite | undefined {
  const { state, claims, expected, events, ends } = append
  if (state === undefined || !tables.derived || ends) return undefined
  if (claims !== undefined && claims.drop.length + claims.take.length > 0) return undefined
  const { root, from, adopts = false, whole, children } = state
  if (root === undefined || adopts || whole || from !== expected) return undefined
  if (children.some((it) => it.removes.length > 0)) return undefined
  return from === 0 ? 'insert' : events.length
}

/**
 * `upserts` tells which of the child tables get rows. A changed root's row must show the version that its stream was at, and
 * the shape. If somebody has removed it since the statement began, `on conflict` puts in another: that one has no `xmax`,
 * which an updated row has from the lock that `on conflict` took on it, and it counts as refused.
 */
export function groupedRows(
  tables: KeptTables,
  write: GroupedWrite,
  upserts: readonly boolean[],
): GroupedRows {
  const { root, children } = tables
  const names = root.cells.map((_, i) => `cell_${i}`)
  return {
    types: root.cells.map((it) => it.codec.sqlType),
    names,
    parts(bind) {
      const parts = [`r as (${rootPart(root, write, names, bind)})`]
      for (const [i, child] of children.entries()) {
        if (upserts[i] === true) parts.push(`u${i} as (${childPart(child, write, bind)})`)
      }
      return parts
    },
    refused: `(select count(*) from r where not is_other) <> (select count(*) from ours)`,
  }
}

/** The values of its parameters, those of `types` first. */
export function groupedRowValues(
  tables: KeptTables,
  write: GroupedWrite,
  upserts: readonly boolean[],
  items: readonly { readonly append: Append; readonly rows: RowTexts }[],
): string[] {
  const values = tables.root.cells.map((_, i) => textArray(items.map((it) => it.rows.root[i])))
  values.push(tables.shape)
  if (write !== 'insert') values.push(String(write))
  for (const [i, child] of tables.children.entries()) {
    if (upserts[i] !== true) continue
    const indexes: number[] = []
    const [tenants, ids]: [string[], string[]] = [[], []]
    const all: (readonly (string | null)[])[] = []
    for (const [index, { append, rows }] of items.entries()) {
      for (const row of rows.children[i] ?? []) {
        indexes.push(index + 1)
        tenants.push(append.stream.tenant)
        ids.push(append.stream.id)
        all.push(row)
      }
    }
    values.push(plainArray(indexes))
    if (child.tenant !== undefined) values.push(textArray(tenants))
    values.push(textArray(ids), ...child.cells.map((_, at) => textArray(all.map((row) => row[at]))))
  }
  return values
}

/** @throws DURE_STATE_UNSTORABLE, DURE_STORE_TEXT_INVALID */
export function rowTexts(tables: KeptTables, { stream, state }: Append): RowTexts {
  const fit = <T>(value: T | Unfit): T => {
    if (value instanceof Unfit) throw unstorable(stream, value.reason)
    return value
  }
  fit(keyOf(tables, stream))
  const texts = (fields: readonly Field[], row: readonly Cell[]): (string | null)[] =>
    fields.map((field, i) => fit(encodeCell(field, row[i])))
  return {
    root: texts(tables.root.cells, state?.root ?? []),
    children: tables.children.map(({ cells }, i) =>
      (state?.children[i]?.upserts ?? []).map((row) => texts(cells, row)),
    ),
  }
}

function rootPart(
  root: KeptTables['root'],
  write: GroupedWrite,
  cells: readonly string[],
  bind: Bind,
): string {
  const keys = keysOf(root)
  const values = keys.map(({ name, field }) => `a.${name}::${field.codec.sqlType}`)
  const own = [root.version, root.shape, ...root.cells.map((it) => it.sql)]
  const insert = `insert into ${root.sql} as c (${[...keys.map((it) => it.field.sql), ...own].join(', ')})
  select ${[...values, 'a.version', `${bind()}::text`, ...cells.map((it) => `a.${it}`)].join(', ')} from ours a`
  const conflict = `on conflict (${keys.map((it) => it.field.sql).join(', ')})`
  if (write === 'insert') return `${insert}\n  ${conflict} do nothing returning false as is_other`
  const same = keys.map(({ field }, i) => `x.${field.sql} = ${values[i]}`).join(' and ')
  return `${insert}
  where (select true from ${root.sql} x where ${same})
  ${conflict} do update set ${own.map((it) => `${it} = excluded.${it}`).join(', ')}
    where c.${root.version} = excluded.${root.version} - ${bind()}::int and c.${root.shape} = excluded.${root.shape}
  returning c.xmax = 0 as is_other`
}

/** Its rows say whose they are by themselves: to look that up for each would be as many looks as there are pairs. */
function childPart(child: KeptTable, write: GroupedWrite, bind: Bind): string {
  const keys = keysOf(child).map((it) => it.field)
  const fields = [...keys, ...child.cells]
  const lists = ['bigint', ...fields.map((it) => it.codec.sqlType)].map((it) => `(select ${bind()}::${it}[])`)
  const names = fields.map((_, i) => `cell_${i}`)
  const insert = `insert into ${child.sql} (${fields.map((it) => it.sql).join(', ')})
  select ${names.map((it) => `v.${it}`).join(', ')} from unnest(${lists.join(', ')}) v(index, ${names.join(', ')})
  where v.index <> all (array(select index from asked where index not in (select index from ours)))`
  // A root that was not there has no rows below it: foreign keys see to that.
  if (write === 'insert') return insert
  const unique = [...keys, ...child.keys].map((it) => it.sql).join(', ')
  const rest = child.cells.slice(child.keys.length).map(({ sql }) => `${sql} = excluded.${sql}`)
  return `${insert}\n  on conflict (${unique}) do update set ${rest.join(', ')}`
}

/** With the names that they have in a group. */
function keysOf({ tenant, id }: KeptTable): { readonly name: string; readonly field: Field }[] {
  const own = { name: 'id', field: id }
  return tenant === undefined ? [own] : [{ name: 'tenant', field: tenant }, own]
}
