import type { StreamId } from '../../../ports/event-store.ts'
import type { StateRows } from '../../../ports/state-store.ts'
import type { Runner } from '../session.ts'
import { type Statement, statement } from '../statement.ts'
import type { KeptTable, KeptTables } from './kept-tables.ts'
import { childList, selectCells, toRows } from './row-reading.ts'

type Key = readonly [tenant: string, id: string]

/** Somebody else's table has no index in the order of bytes, so each look at it sorts it: one look serves many pages. */
const KEYS_AT_ONCE = 20_000

/** Pages through the rows of one aggregate that show no version. Rows that get one meanwhile are left out. */
export class UnkeptRows {
  readonly #tables: KeptTables
  readonly #firstKeys: Statement<[tenant: string, id: string]>
  readonly #nextKeys: Statement<[tenant: string, id: string]>
  readonly #rows: Statement
  /** In their order, from the last look on. */
  #keys: readonly Key[] = []

  constructor(tables: KeptTables) {
    this.#tables = tables
    this.#firstKeys = statement(keysSql(tables, false))
    this.#nextKeys = statement(keysSql(tables, true))
    this.#rows = statement(rowsSql(tables))
  }

  async next(
    runner: Runner,
    after: StreamId | undefined,
    limit: number,
  ): Promise<{ stream: StreamId; rows: StateRows }[]> {
    const { aggregate } = this.#tables
    let from: Key | undefined = after && [after.tenant, after.id]
    for (;;) {
      const keys = await this.#keysAfter(runner, from, limit)
      from = keys.at(-1)
      if (from === undefined) return []
      const found = await runner.run(this.#rows, [keys.map(([tenant]) => tenant), keys.map(([, id]) => id)])
      // All of the page may have been given a version since it was looked up.
      if (found.length === 0) continue
      return found.map(([tenant, id, ...cells]) => ({
        stream: { tenant: tenant ?? '', aggregate, id: id ?? '' },
        rows: toRows(this.#tables, id ?? '', cells),
      }))
    }
  }

  async #keysAfter(runner: Runner, from: Key | undefined, limit: number): Promise<readonly Key[]> {
    const at = from === undefined ? -1 : this.#keys.findIndex((it) => it[0] === from[0] && it[1] === from[1])
    if (at >= 0 && at + 1 < this.#keys.length) return this.#keys.slice(at + 1, at + 1 + limit)
    const most = Math.max(limit, KEYS_AT_ONCE)
    this.#keys = await (from === undefined
      ? runner.run(this.#firstKeys, [most])
      : runner.run(this.#nextKeys, [most, ...from]))
    return this.#keys.slice(0, limit)
  }
}

function keysSql({ root }: KeptTables, goesOn: boolean): string {
  const tenant = root.tenant === undefined ? `''` : `c.${root.tenant.sql}::text`
  const key = `(${tenant} collate "C"), (c.${root.id.sql}::text collate "C")`
  return `
select ${key} from ${root.sql} c
where c.${root.version} is null ${goesOn ? `and (${key}) > ($2::text, $3::text)` : ''}
order by 1, 2 limit $1::bigint`
}

/** `$1` and `$2` the tenants and ids of a page. */
function rowsSql({ root, children }: KeptTables): string {
  const own = [`c.${root.id.sql} = k.id::${root.id.codec.sqlType}`]
  if (root.tenant !== undefined) own.push(`c.${root.tenant.sql} = k.tenant::${root.tenant.codec.sqlType}`)
  const lists = children.map((it) => `(${childList(it, ofKey(it))})`)
  return `
select ${['k.tenant', 'k.id', ...selectCells(root), ...lists].join(', ')}
from unnest($1::text[], $2::text[]) with ordinality k (tenant, id, place)
  join ${root.sql} c on ${own.join(' and ')}
where c.${root.version} is null order by k.place`
}

/** The children of a key, an alias `c` as the root is. */
function ofKey({ id, tenant }: KeptTable): string {
  const own = `c.${id.sql} = k.id::${id.codec.sqlType}`
  return tenant === undefined ? own : `c.${tenant.sql} = k.tenant::${tenant.codec.sqlType} and ${own}`
}
