import type { StateChange } from '../../../ports/state-store.ts'
import type { Field, KeptTable, KeptTables } from './kept-tables.ts'
import type { Bind } from './statement-cache.ts'

/** Which parts a change of rows has: one statement for each combination that occurs. */
export interface RowForm {
  /** `adopt`: a row without a version is there; `none`: no row is there, and none comes to be. */
  readonly root: 'insert' | 'adopt' | 'update' | 'remove' | 'none'
  readonly whole: boolean
  readonly children: readonly { readonly upserts: 'none' | 'one' | 'list'; readonly removes: boolean }[]
}

export function rowForm(change: StateChange): RowForm {
  const { children, whole } = change
  return {
    root: rootForm(change),
    whole,
    children: children.map(({ upserts, removes }) => ({
      // One row goes in as it is, which is cheaper than by lists of one.
      upserts: whole || upserts.length > 1 ? 'list' : upserts.length === 1 ? 'one' : 'none',
      removes: !whole && removes.length > 0,
    })),
  }
}

/** One text for each form. */
export function formKey({ root, whole, children }: RowForm): string {
  let key = `${root} ${whole}`
  for (const { upserts, removes } of children) key += ` ${upserts} ${removes}`
  return key
}

function rootForm({ from, root, adopts = false }: StateChange): RowForm['root'] {
  if (root === undefined) return from === 0 ? 'none' : 'remove'
  if (from > 0) return 'update'
  return adopts ? 'adopt' : 'insert'
}

/*
 * Each part takes its rows from the one before: the children from the root's, the root's from `won`, which has a row where
 * the stream was at its version. `$1`, `$3` and `$5` are tenant, id and version as everywhere. A row that does not show
 * `from` leaves `r` and all behind it empty; an UPDATE that waited for another writer looks again at the row as it is.
 */
export function rowParts(tables: KeptTables, form: RowForm, bind: Bind): string[] {
  if (form.root === 'none') return []
  const parts = [`r as (${rootPart(tables, form, bind)})`]
  if (form.root === 'remove') {
    // The rows below a table of Dure's own go by its foreign keys.
    const foreign = tables.derived ? [] : tables.children
    return [
      ...parts,
      ...foreign.map((it, i) => `d${i} as (delete from ${it.sql} c using r where ${ofId(it)})`),
    ]
  }
  for (const [i, child] of tables.children.entries()) {
    const { upserts = 'none' } = form.children[i] ?? {}
    // A root that was not there has no rows below it, where foreign keys of Dure's own see to that.
    const isNew = form.root === 'insert' && tables.derived
    const lists = upserts === 'list' ? child.cells.map((field) => listOf(field, bind)) : []
    if (upserts === 'list') {
      const from = `v.* from r, unnest(${lists.join(', ')}) v`
      parts.push(`u${i} as (${upsertPart(child, from, isNew)})`)
    } else if (upserts === 'one') {
      const cells = child.cells.map(({ codec }) => `${bind()}::${codec.sqlType}`)
      parts.push(`u${i} as (${upsertPart(child, `${cells.join(', ')} from r`, isNew)})`)
    }
    if (form.whole) parts.push(`d${i} as (${removeOthers(child, lists)})`)
  }
  for (const [i, child] of tables.children.entries()) {
    if (form.children[i]?.removes === true) parts.push(`d${i} as (${removePart(child, bind)})`)
  }
  return parts
}

/**
 * Whether a change must be made by a statement that begins once the stream is its writer's: that no row is there is known
 * only then.
 */
export function mustFollow({ from, root }: StateChange): boolean {
  return root === undefined && from === 0
}

/** Whether the row showed the version that the writer has seen. */
export function rowCondition({ root }: KeptTables, form: RowForm): string {
  if (form.root !== 'none') return 'exists (select from r)'
  return `not exists (select from ${root.sql} c where ${ofId(root)})`
}

/** The row of the stream, in an alias `c`. */
export function ofId({ tenant, id }: KeptTable): string {
  const ofTenant = tenant === undefined ? '' : `c.${tenant.sql} = ${key('$1', tenant)} and `
  return `${ofTenant}c.${id.sql} = ${key('$3', id)}`
}

function rootPart({ root }: KeptTables, { root: kind, whole }: RowForm, bind: Bind): string {
  if (kind === 'remove') {
    return `delete from ${root.sql} c using won, ${seen(root)}
  where ${ofId(root)} and c.${root.version} = ${bind()}::int and ${asSeen} returning 1`
  }
  const shape = `${bind()}::text`
  const was = kind === 'update' ? `= ${bind()}::int` : 'is null'
  const cells = root.cells.map((it) => `${bind()}::${it.codec.sqlType}`)
  if (kind !== 'insert') {
    const sets = [`${root.version} = $5::int`, `${root.shape} = ${shape}`]
    const all = [...sets, ...root.cells.map((it, i) => `${it.sql} = ${cells[i]}`)].join(', ')
    if (whole) {
      return `update ${root.sql} c set ${all} from won, ${seen(root)}
  where ${ofId(root)} and c.${root.version} ${was} and ${asSeen} returning 1`
    }
    // A difference is one to the rows of this shape: another release may have written others at the same version.
    const same = kind === 'update' ? ` and c.${root.shape} = ${shape}` : ''
    return `update ${root.sql} c set ${all} from won
  where ${ofId(root)} and c.${root.version} ${was}${same} returning 1`
  }
  const { names, values } = keyColumns(root)
  const columns = [...names, root.version, root.shape, ...root.cells.map((it) => it.sql)]
  return `insert into ${root.sql} as c (${columns.join(', ')})
  select ${[...values, '$5::int', shape, ...cells].join(', ')} from won
  on conflict (${names.join(', ')}) do nothing returning 1`
}

/**
 * Who removes what else is there knows only what stood there when the statement began. A writer that it has waited for may
 * have put rows there since, and has written the root with them: then this one is refused.
 */
const asSeen = 'c.xmin = seen.xmin'

function seen(root: KeptTables['root']): string {
  return `(select c.xmin from ${root.sql} c where ${ofId(root)}) seen`
}

function upsertPart(child: KeptTables['children'][number], cells: string, isNew: boolean): string {
  const { names, values } = keyColumns(child)
  const key = [...names, ...child.keys.map((it) => it.sql)]
  const rest = child.cells.slice(child.keys.length).map((it) => it.sql)
  const insert = `insert into ${child.sql} (${[...key, ...rest].join(', ')})
  select ${values.join(', ')}, ${cells}`
  return isNew
    ? insert
    : `${insert}
  on conflict (${key.join(', ')}) do update set ${excluded(rest)}`
}

function removePart(child: KeptTable, bind: Bind): string {
  const lists = child.keys.map((field) => listOf(field, bind))
  return `delete from ${child.sql} c using r, unnest(${lists.join(', ')}) k (${keyNames(child)})
  where ${ofId(child)} and ${sameKey(child)}`
}

function removeOthers(child: KeptTable, lists: readonly string[]): string {
  const keys = lists.slice(0, child.keys.length).join(', ')
  return `delete from ${child.sql} c using r where ${ofId(child)}
  and not exists (select from unnest(${keys}) k (${keyNames(child)}) where ${sameKey(child)})`
}

function keyColumns({ tenant, id }: KeptTable): { names: string[]; values: string[] } {
  const names = [id.sql]
  const values = [key('$3', id)]
  if (tenant === undefined) return { names, values }
  return { names: [tenant.sql, ...names], values: [key('$1', tenant), ...values] }
}

function keyNames(table: KeptTable): string {
  return table.keys.map((_, i) => `k${i}`).join(', ')
}

function sameKey(table: KeptTable): string {
  return table.keys.map((it, i) => `c.${it.sql} = k.k${i}`).join(' and ')
}

function excluded(columns: readonly string[]): string {
  return columns.map((it) => `${it} = excluded.${it}`).join(', ')
}

function listOf({ codec }: Field, bind: Bind): string {
  return `${bind()}::${codec.sqlType}[]`
}

/** By way of text, because the parameter is the text that it is in the log. */
function key(parameter: string, { codec }: Field): string {
  return `${parameter}::text::${codec.sqlType}`
}
