import { pastOf, accountOf } from './calls.mjs'

/** Columns that stand beside each event, in the order of `envelope`. */
export const kept = [
  ['tenant', 'text'],
  ['aggregate', 'text'],
  ['slice', 'smallint'],
  ['schema', 'int'],
  ['actor', 'text'],
  ['command', 'text'],
  ['correlation', 'text'],
]
export const keptNames = kept.map(([name]) => name).join(', ')

/** Streams and events by hand; the log is the outbox, as it is in Dure. */
export const tables = (s) => `
create schema ${s};
create table ${s}.streams (id text collate "C" primary key, version int not null) with (fillfactor = 70);
create table ${s}.events (
  position bigint generated always as identity primary key,
  stream_id text collate "C" not null,
  version int not null,
  ${kept.map(([name, type]) => `${name} ${type} not null,`).join(' ')}
  type text not null,
  data json not null,
  at timestamptz not null default now(),
  unique (stream_id, version)
)`

/** Puts accounts there, as they are before anybody is measured. */
export async function seed(pool, s, from, count) {
  for (let at = from; at < from + count; at += 1000) {
    const ids = Array.from({ length: Math.min(1000, from + count - at) }, (_, i) => at + i)
    const events = ids.flatMap((i) => pastOf(i).map((it, n) => ({ id: accountOf(i), version: n + 1, ...it })))
    const columns = [
      events.map((it) => it.id),
      events.map((it) => it.version),
      events.map((it) => it.type),
      events.map((it) => JSON.stringify(it.data)),
    ]
    await pool.query(
      `insert into ${s}.events (stream_id, version, type, data, ${keptNames})
select id, version, type, data, '', 'Account', 7, 1, 'bench', 'c', 'c'
from unnest($1::text[], $2::int[], $3::text[], $4::json[]) as n(id, version, type, data)`,
      columns,
    )
    await pool.query(
      `insert into ${s}.streams select stream_id, max(version) from ${s}.events
where stream_id = any($1) group by 1`,
      [ids.map(accountOf)],
    )
  }
}
