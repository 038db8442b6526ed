import type { GroupedRows } from './group-rows.ts'
import { REFUSED } from '../state/state-error.ts'
import { binding } from '../state/statement-cache.ts'
import { columns, week } from './append-statements.ts'

/** How the appends of a group are written: all of one event or some of several, none with a reply or some. */
export interface GroupForm {
  readonly several: boolean
  readonly keyed: boolean
  /** The rows that each of them writes besides. */
  readonly rows?: GroupedRows
}

/** Of each append that was stored, its number in the group, from 1, and its last position. */
export type GroupRow = [index: string, position: string, refusal: null]

/*
 * Many appends in one statement, each with its own answer: one that is not at its version, or whose key is taken, is left
 * out of the answer, and the others are stored. An error stores nothing.
 *
 * - Parameters stand in subqueries, so that no plan is thought cheaper for one group than for all; the plan is then made
 *   once. For the same reason rows are looked up by scalar subqueries: an EXISTS may become a hash of the whole table.
 * - Streams are locked in the order of their keys, and before any key of a reply, so that groups queue and never deadlock.
 * - Who waits for a row that a long transaction holds must not make the whole group wait: then the statement fails soon,
 *   and each append is tried alone.
 * - Positions are drawn from what the write of the stream's row returned, as in every append.
 * - Where one has won its stream and is refused by its row, what was written of it has to be undone: by an error of the whole
 *   statement, after which each is tried alone. So it is with a stream that should be there and is not, as after a restore;
 *   to look for each first would cost a tenth of the statement.
 */

const PATIENCE = '100ms'

const streams = 'tenant, aggregate, id, expected, version, slice, ended'
const facts = 'command, actor, correlation, causation, traceparent, at'
const event = 'type, schema, data'

const streamTypes = ['text', 'text', 'text', 'int', 'int', 'smallint', 'boolean']
const factTypes = ['text', 'text', 'text', 'text', 'text', 'timestamptz']

/**
 * `$1` to `$7` the streams, `$8` to `$13` command, actor, correlation, causation, traceparent, at, one element per append;
 * keyed, then tenant, key, request and reply. Then of the events type, schema and data: of several, one element per event,
 * with the number of its append and its version behind. Data and replies are one JSON array each, whose elements are
 * stored as they are written; they need no escaping, as they would in an array of the database. Last the values of the rows.
 */
export function groupStatement(s: string, { several, keyed, rows }: GroupForm): string {
  const bind = binding(1)
  const lists = (types: readonly string[]): string =>
    types.map((type) => `(select ${bind()}::${type}[])`).join(', ')
  const json = (): string => `json_array_elements((select ${bind()}::json))`
  const own = [`unnest(${lists([...streamTypes, ...factTypes])})`]
  if (keyed) own.push(`unnest(${lists(['text', 'text', 'text'])})`, json())
  const events = [`unnest(${lists(['text', 'int'])})`, json()]
  if (several) events.push(`unnest(${lists(['int', 'int'])})`)
  else own.push(...events)
  if (rows !== undefined) own.push(`unnest(${lists(rows.types)})`)
  const names = [
    streams,
    facts,
    ...(keyed ? ['reply_tenant, reply_key, request, reply'] : []),
    ...(several ? [] : [event]),
    ...(rows?.names ?? []),
  ]
  const stored = rows === undefined ? 'won join asked a using (tenant, aggregate, id)' : 'ours a'
  const asked = `asked as materialized (
  select a.* from (select set_config('lock_timeout', '${PATIENCE}', true)) patience,
    rows from (${own.join(', ')}) with ordinality as a(${names.join(', ')}, index))`
  const placed = several
    ? `placed as materialized (
  select nextval('${s}.events_position') as position, n.* from (
    select ${aKeys}, v.version, a.slice, ${event}, ${facts}, a.index
    from ${stored}
      join rows from (${events.join(', ')}) as v(${event}, index, version) on v.index = a.index
    order by a.index, v.version) n)`
    : `placed as materialized (
  select nextval('${s}.events_position') as position, ${aKeys}, a.version, a.slice, ${event}, ${facts}, a.index
  from ${stored})`
  const write = `e as (
  insert into ${s}.events (${columns})
  select position, tenant, aggregate, id, version, slice, ${event}, ${facts} from placed)`
  const parts = [asked, won(s, keyed), ...(rows === undefined ? [] : [ours]), placed, write]
  if (keyed) parts.push(kept(s, stored))
  if (rows !== undefined) parts.push(...rows.parts(bind))
  const refusals = [`when (select true from won where is_strange limit 1) then '${REFUSED}version'`]
  if (rows !== undefined) refusals.push(`when ${rows.refused} then '${REFUSED}row'`)
  const refusal = `(case ${refusals.join(' ')} end)::int`
  const answer = several
    ? `select index, max(position), ${refusal} from placed group by index`
    : `select index, position, ${refusal} from placed`
  return `with ${parts.join(',\n')}\n${answer}`
}

const aKeys = 'a.tenant, a.aggregate, a.id'

/** What was asked of those that have won, for all that is written of them. */
const ours = `ours as materialized (select a.* from won join asked a using (tenant, aggregate, id))`

const won = (s: string, keyed: boolean): string => `won as (
  insert into ${s}.streams as st (tenant, aggregate, id, version, previous, slice, ended)
  select tenant, aggregate, id, version, expected, slice, ended from asked a
  ${keyed ? `where (reply_key is null or ${free(s)})` : ''}
  order by tenant collate "C", aggregate collate "C", id collate "C"
  on conflict (tenant, aggregate, id) do update
    set version = excluded.version, previous = excluded.previous, ended = excluded.ended
    where st.version = excluded.previous and not st.ended
  returning tenant, aggregate, id, previous > 0 and xmax = 0 as is_strange)`

const free = (s: string): string =>
  `(select true from ${s}.replies r where r.tenant = reply_tenant and r.key = reply_key limit 1) is null`

const kept = (s: string, stored: string): string => `kept as (
  insert into ${s}.replies (tenant, key, week, request, reply, at)
  select reply_tenant, reply_key, week, request, reply, now()
  from ${stored},
    (select ${week('now()')} union select ${week(`now() + interval '1 hour'`)}) as w(week)
  where reply_key is not null order by reply_tenant collate "C", reply_key collate "C", week)`
