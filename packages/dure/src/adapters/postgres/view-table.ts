import type { JsonObject } from '../../kernel/json.ts'
import type { RowWrite } from '../../ports/event-store.ts'
import { jsonText } from '../../ports/storable.ts'
import type { RowQuery } from '../../ports/view-store.ts'
import type { Runner } from './session.ts'
import { type Statement, statement } from './statement.ts'

/** Rows as they are to be written: at most one write for each. */
export interface EncodedRows {
  readonly written: readonly { readonly view: string; readonly key: string; readonly body: string }[]
  readonly removed: readonly { readonly view: string; readonly key: string }[]
}

/** The last write of each row counts. */
export function encodeRows(writes: readonly RowWrite[]): EncodedRows {
  const last = new Map<string, RowWrite>()
  for (const it of writes) last.set(`${it.view}\0${it.key}`, it)
  const written: EncodedRows['written'][number][] = []
  const removed: EncodedRows['removed'][number][] = []
  for (const { view, key, row } of last.values()) {
    if (row === null) removed.push({ view, key })
    else written.push({ view, key, body: jsonText('row', row) })
  }
  return { written, removed }
}

/** Rows of read models. */
export class ViewTable {
  readonly #schema: string
  readonly #write: Statement<[]>
  readonly #remove: Statement<[]>
  readonly #read: Statement<[key: string, body: string]>

  constructor(s: string) {
    this.#schema = s
    // In the order of the key, so that two commits over the same rows queue instead of deadlocking.
    this.#write = statement(`
insert into ${s}.view_rows (view, key, body)
select * from unnest($1::text[], $2::text[], $3::jsonb[]) as w(view, key, body)
order by w.view collate "C", w.key collate "C"
on conflict (view, key) do update set body = excluded.body`)
    this.#remove = statement(`
delete from ${s}.view_rows r using unnest($1::text[], $2::text[]) as d(view, key)
where r.view = d.view and r.key = d.key`)
    this.#read = statement(`select key, body from ${s}.view_rows where view = $1 and key = any($2::text[])`)
  }

  async write(runner: Runner, { written, removed }: EncodedRows): Promise<void> {
    if (removed.length > 0) {
      await runner.run(this.#remove, [removed.map((it) => it.view), removed.map((it) => it.key)])
    }
    if (written.length > 0) {
      const [views, keys] = [written.map((it) => it.view), written.map((it) => it.key)]
      await runner.run(this.#write, [views, keys, written.map((it) => it.body)])
    }
  }

  async read(runner: Runner, view: string, keys: readonly string[]): Promise<Map<string, JsonObject>> {
    const rows = await runner.run(this.#read, [view, keys])
    return new Map(rows.map(([key, body]) => [key, JSON.parse(body) as JsonObject]))
  }

  async query(runner: Runner, view: string, query: RowQuery): Promise<JsonObject[]> {
    const { where = {}, orderBy, descending = false, after, limit, offset = 0 } = query
    const values: unknown[] = [view, limit, offset]
    const bind = (value: unknown): string => `$${values.push(value)}`
    const conditions = Object.entries(where).map(
      ([field, value]) => ` and body -> ${bind(field)}::text = ${bind(jsonText('condition', value))}::jsonb`,
    )
    if (after !== undefined) conditions.push(` and key ${descending ? '<' : '>'} ${bind(after)}`)
    const order = [...(orderBy === undefined ? [] : fieldOrder(bind(orderBy))), 'key']
    const direction = descending ? ' desc' : ''
    // One text per set of fields, not per query: names are parameters too, so the texts are few and each is planned once.
    const find = statement<[body: string]>(`
select body from ${this.#schema}.view_rows where view = $1${conditions.join('')}
order by ${order.map((it) => it + direction).join(', ')} limit $2 offset $3`)
    return (await runner.run(find, values)).map(([body]) => JSON.parse(body) as JsonObject)
  }
}

/** Kind first, then value within the kind: the order that the port prescribes, whatever the database's collation. */
function fieldOrder(field: string): string[] {
  const value = `(body -> ${field}::text)`
  const text = `(body ->> ${field}::text)`
  return [
    `case jsonb_typeof${value} when 'boolean' then 1 when 'number' then 2 when 'string' then 3 when 'array' then 4
  when 'object' then 4 else 0 end`,
    `case when jsonb_typeof${value} = 'number' then ${text}::numeric end`,
    `case when jsonb_typeof${value} in ('boolean', 'string') then ${text} end collate "C"`,
  ]
}
