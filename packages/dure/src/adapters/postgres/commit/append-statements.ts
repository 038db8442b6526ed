import { type Statement, statement } from '../statement.ts'

/** Statements that write a stream's row, then draw the positions, then write its events: each a whole commit. */
export interface AppendStatements {
  /** For a stream that must not exist. */
  readonly create: AppendStatement
  /** For a stream that exists. */
  readonly change: AppendStatement
}

/** For one event, which is the usual case and cheapest, and for several. Answers the last position, or with no row. */
interface AppendStatement {
  readonly one: Statement<[position: string]>
  readonly several: Statement<[position: string | null]>
}

/*
 * The version predicate stands where the stream's row is written, and `nextval` is fed from what that write returned, so
 * positions rise along a stream and a writer that lost draws none. No row back means that the writer lost.
 *
 * `$1` tenant, `$2` aggregate, `$3` id, `$4` expected, `$5` version, `$6` slice, `$7` ended,
 * `$8` type, `$9` schema, `$10` data (lists of them for several events),
 * `$11` command, `$12` actor, `$13` correlation, `$14` causation, `$15` traceparent, `$16` at.
 */

const create = (s: string, when: string): string => `
  insert into ${s}.streams (tenant, aggregate, id, version, previous, slice, ended)
  select $1, $2, $3, $5::int, $4::int, $6::smallint, $7::boolean ${when && `where ${when}`}
  on conflict do nothing
  returning 1`

const change = (s: string, when: string): string => `
  update ${s}.streams set version = $5::int, previous = $4::int, ended = $7::boolean
  where tenant = $1 and aggregate = $2 and id = $3 and version = $4::int and not ended ${when && `and ${when}`}
  returning 1`

/** Of an event, in the order in which all statements write them. */
export const columns =
  'position, tenant, aggregate, id, version, slice, type, schema, data, command, actor, correlation, causation, traceparent, at'

const oneEvent = (s: string): string => `
  insert into ${s}.events (${columns})
  select nextval('${s}.events_position'), $1, $2, $3, $5, $6, $8, $9, $10, $11, $12, $13, $14, $15, $16 from won
  returning position`

const severalEvents = (s: string): string => `
  insert into ${s}.events (${columns})
  select nextval('${s}.events_position'), $1, $2, $3, $4::int + index, $6::smallint, type, schema, data,
    $11, $12, $13, $14, $15, $16::timestamptz
  from won, (
    select * from unnest($8::text[], $9::int[], $10::json[]) with ordinality as v(type, schema, data, index)
    order by index) n
  returning position`

/** How an append is written: on a stream that must not exist or one that does, of one event or several. */
export interface AppendForm {
  readonly create: boolean
  readonly several: boolean
  readonly keyed: boolean
}

/** The parts of such a statement, for one that has more: `won` has a row if the stream was written, `e` the positions. */
export function appendParts(s: string, { create: isNew, several, keyed }: AppendForm): string[] {
  const write = isNew ? create : change
  const parts = [
    `won as (${write(s, keyed ? free : '')})`,
    `e as (${several ? severalEvents(s) : oneEvent(s)})`,
  ]
  return keyed ? [taken(s), ...parts, kept(s)] : parts
}

/** The statements without an idempotency key. */
export function appendStatements(s: string): AppendStatements {
  const append = (won: string): AppendStatement => ({
    one: statement(`with won as (${won}),\ne as (${oneEvent(s)})\nselect position from e`),
    several: statement(`with won as (${won}),\ne as (${severalEvents(s)})\nselect max(position) from e`),
  })
  return { create: append(create(s, '')), change: append(change(s, '')) }
}

/**
 * The same with a key, `$17` to `$20` its tenant, key, request and reply: nothing is written if it is taken; one taken
 * meanwhile is a unique violation.
 */
export function keyedAppendStatements(s: string): AppendStatements {
  const append = (won: string): AppendStatement => ({
    one: statement(
      `with ${taken(s)},\nwon as (${won}),\ne as (${oneEvent(s)}),\n${kept(s)}\nselect position from e`,
    ),
    several: statement(
      `with ${taken(s)},\nwon as (${won}),\ne as (${severalEvents(s)}),\n${kept(s)}\nselect max(position) from e`,
    ),
  })
  return { create: append(create(s, free)), change: append(change(s, free)) }
}

const free = 'not exists (select from taken)'

const taken = (s: string): string =>
  `taken as materialized (select from ${s}.replies where tenant = $17 and key = $18 limit 1)`

const kept = (s: string): string => `kept as (${insertReply(s, 17, 'where exists (select from won)')})`

/**
 * A reply, its parts from parameter `first` on. It goes into the current week, and in a week's last hour also into the
 * next, so that two commits with one key on both sides of midnight meet in a unique index.
 */
export function insertReply(s: string, first: number, when = ''): string {
  return `
  insert into ${s}.replies (tenant, key, week, request, reply, at)
  select $${first}, $${first + 1}, week, $${first + 2}, $${first + 3}, now()
  from (select ${week('now()')} union select ${week(`now() + interval '1 hour'`)}) as w(week) ${when}`
}

/** Weeks since 1970 by the server's clock, in a ring of three. */
export function week(time: string): string {
  return `(floor(extract(epoch from ${time}) / 604800)::bigint % 3)::smallint`
}

/**
 * Any number of streams and events in one statement; streams that are not at their version are left out of the answer.
 * `$1` to `$7` one element per stream, `$8` to `$17` one per event (`$8` the number of its stream, from 1, the last five
 * command, actor, correlation, causation, traceparent), `$18` at. Rows are locked in the order of their key, so that two
 * commits over the same streams queue instead of deadlocking.
 */
export function appendToMany(s: string): Statement<[index: string, position: string]> {
  return statement(`with ${manyParts(s, '')}\n${manyAnswer}`)
}

/** What such a statement answers: of each stream that was written its number, from 1, and its last position. */
export const manyAnswer =
  'select a.index, max(e.position) from e join a using (tenant, aggregate, id) group by a.index'

/** The parts of such a statement; `gate` a part of its own that has a row if anything is to be written. */
export function manyParts(s: string, gate: string): string {
  const from = gate && `${gate}, `
  return `a as (
  select a.* from ${from}unnest((select $1::text[]), (select $2::text[]), (select $3::text[]), (select $4::int[]),
      (select $5::int[]), (select $6::smallint[]), (select $7::boolean[]))
    with ordinality as a(tenant, aggregate, id, expected, version, slice, ended, index)),
won as (
  insert into ${s}.streams as st (tenant, aggregate, id, version, previous, slice, ended)
  select tenant, aggregate, id, version, expected, slice, ended from a
  where expected = 0 or (
    select true from ${s}.streams x where x.tenant = a.tenant and x.aggregate = a.aggregate and x.id = a.id)
  order by tenant collate "C", aggregate collate "C", id collate "C"
  on conflict (tenant, aggregate, id) do update
    set version = excluded.version, previous = excluded.previous, ended = excluded.ended
    where st.version = excluded.previous and not st.ended
  returning tenant, aggregate, id),
e as (
  insert into ${s}.events (${columns})
  select nextval('${s}.events_position'), n.*, $18::timestamptz from (
    select a.tenant, a.aggregate, a.id, v.version, a.slice, v.type, v.schema, v.data,
      v.command, v.actor, v.correlation, v.causation, v.traceparent
    from won join a using (tenant, aggregate, id)
      join unnest((select $8::bigint[]), (select $9::int[]), (select $10::text[]), (select $11::int[]),
          (select $12::json[]), (select $13::text[]), (select $14::text[]), (select $15::text[]),
          (select $16::text[]), (select $17::text[]))
        as v(index, version, type, schema, data, command, actor, correlation, causation, traceparent)
        on v.index = a.index
    order by a.index, v.version) n
  returning tenant, aggregate, id, position)`
}
