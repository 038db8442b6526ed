import type {
  FollowerBehind,
  LogFollower,
  LogPart,
  PartStanding,
  StandingPart,
} from '../../../ports/archive.ts'
import { quoted, quotedText } from '../schema-name.ts'
import type { Session } from '../session.ts'

type Queries = Pick<Session, 'once'>

/** A closed partition of a log. */
export interface Partition extends LogPart {
  readonly number: number
  /** Quoted, with its schema. */
  readonly table: string
}

/** The log that is looked at, and who follows it. */
export interface Followed {
  readonly context: string
  /** Quoted. */
  readonly schema: string
  /** Quoted schemas of all contexts that may follow, by their names. */
  readonly schemas: ReadonlyMap<string, string>
  /** Whom the model has; others are found by what they have stored. */
  readonly followers: readonly LogFollower[]
}

/** The partitions before the one with the last event, the oldest first: whoever has read that stands beyond all of them. */
export async function closedPartitions(queries: Queries, schema: string): Promise<readonly Partition[]> {
  const rows = await queries.once<[number: string, size: string]>(`
select n, m.partition_size
from (
  select substring(c.relname from '^events_([0-9]+)$')::bigint as n
  from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = '${schema}.events'::regclass) p,
  ${schema}.meta m
where p.n < (select max(position) from ${schema}.events) / m.partition_size
order by n`)
  return rows.map(([number, size]) => ({
    number: Number(number),
    from: Number(number) * Number(size),
    to: (Number(number) + 1) * Number(size) - 1,
    table: `${schema}.events_${number}`,
  }))
}

/** What is known of a partition that is settled; `all` lists who follows the log and how far each has come. */
export async function standingOf(
  queries: Queries,
  followed: Followed,
  { table, from, to }: Partition,
  before: Date,
  all: readonly FollowerBehind[],
): Promise<StandingPart> {
  const [row] = await queries.once<[events: string, spare: string, newest: string | null]>(`
select count(*), count(*) filter (where ${spareSql(followed, 'e')}), extract(epoch from max(e.at)) * 1000
from ${table} e`)
  const [events, spare, newest] = row as [string, string, string | null]
  const at = newest === null ? undefined : new Date(Math.round(Number(newest)))
  const behind = all.filter(({ through }) => through === undefined || through < to)
  const standing: PartStanding =
    Number(spare) === 0
      ? 'needed'
      : at !== undefined && at >= before
        ? 'young'
        : behind.length > 0
          ? 'followed'
          : 'ready'
  return { from, to, standing, events: Number(events), spare: Number(spare), newest: at, behind }
}

/**
 * Whether nobody needs an event: its aggregate has ended, so that nobody restores it any more, and nothing of it is parked.
 * An ended stream stays ended, and a follower that has come past an event does not park it.
 */
export function spareSql({ context, schema, schemas }: Followed, event: string): string {
  const stream = (of: string): string =>
    `${of}.tenant = ${event}.tenant and ${of}.aggregate = ${event}.aggregate and ${of}.id = ${event}.id`
  const parked = Array.from(
    schemas.values(),
    (it) => `not exists (
  select 1 from ${it}.parked p where p.source = ${quotedText(context)} and ${stream('p')})`,
  )
  const ended = `exists (select 1 from ${schema}.streams s where ${stream('s')} and s.ended)`
  return [ended, ...parked].join(' and ')
}

/**
 * Everybody who follows the log. One whose watermarks are of another epoch has come nowhere as far as this log can tell.
 */
export async function followersOf(
  queries: Queries,
  { context, schema, schemas, followers }: Followed,
): Promise<readonly FollowerBehind[]> {
  const found = new Map<string, FollowerBehind>()
  for (const it of followers) found.set(keyOf(it), { ...it, through: undefined })
  for (const [name, theirs] of schemas) {
    const rows = await queries.once<[consumer: string, through: string | null]>(
      `
select consumer, case when epoch = (select epoch from ${schema}.epochs order by number desc limit 1) then through end
from ${theirs}.cursors where source = $1`,
      [context],
    )
    for (const [consumer, through] of rows) {
      const it = { context: name, consumer, through: through === null ? undefined : Number(through) }
      found.set(keyOf(it), it)
    }
  }
  return [...found.values()]
}

function keyOf({ context, consumer }: LogFollower): string {
  return `${context}\0${consumer}`
}

/** The quoted schemas of those contexts that have tables, by name. */
export async function existingSchemas(
  queries: Queries,
  schemas: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, string>> {
  const rows = await queries.once<[schemaname: string]>(
    `select schemaname from pg_tables where tablename = 'cursors' and schemaname = any($1::text[])`,
    [[...schemas.values()]],
  )
  const there = new Set(rows.map(([it]) => it))
  return new Map([...schemas].filter(([, it]) => there.has(it)).map(([name, it]) => [name, quoted(it)]))
}
