import pg from 'pg'
import { decideDeposit, decideOpen, fold, readDepositing, readOpening } from './by-hand.mjs'

const TABLES = `
drop schema if exists by_hand cascade;
create schema by_hand;
create table by_hand.streams (id text primary key, version int not null) with (fillfactor = 70);
create table by_hand.events (
  position bigint generated always as identity primary key,
  stream_id text not null,
  version int not null,
  type text not null,
  data jsonb not null,
  at timestamptz not null default now(),
  unique (stream_id, version)
);
create table by_hand.replies (key text primary key, request text not null, reply jsonb not null)`

const READ = {
  name: 'read',
  text: 'select version, type, data from by_hand.events where stream_id = $1 order by version',
}
const FIND_REPLY = { name: 'find', text: 'select request, reply from by_hand.replies where key = $1' }

// The version guard stands where the stream's row is written; no row back means that somebody was faster.
const WRITE = `with s as (
  insert into by_hand.streams (id, version)
  select $1, $2::int + 1 where $2::int = 0 or exists (select 1 from by_hand.streams where id = $1)
  on conflict (id) do update set version = excluded.version where streams.version = $2::int
  returning id, version),
e as (
  insert into by_hand.events (stream_id, version, type, data)
  select id, version, $3, $4::text::jsonb from s returning position)`
const APPEND = { name: 'append', text: `${WRITE} select position from e` }
const APPEND_WITH_REPLY = {
  name: 'append-with-reply',
  text: `${WRITE},
k as (insert into by_hand.replies (key, request, reply) select $5, $6, $7::text::jsonb from s)
select position from e`,
}

/** The bank by hand on PostgreSQL: read the events, decide, append by one statement; two round trips, three with a key. */
export async function bankOnPostgres(connection, poolSize) {
  const pool = new pg.Pool({ ...connection, max: poolSize, ssl: false, password: '' })
  // A connection that is still being closed hears that the server stops.
  pool.on('error', () => undefined)
  await pool.query(TABLES)

  /** What is stored, or undefined where somebody was faster. */
  const append = async (id, expected, { type, data }, reply = []) => {
    const statement = reply.length === 0 ? APPEND : APPEND_WITH_REPLY
    const values = [id, expected, type, JSON.stringify(data), ...reply]
    const { rows } = await pool.query({ ...statement, values })
    return rows[0] && { id, version: expected + 1, position: Number(rows[0].position) }
  }

  const known = async (key) => {
    const { rows } = await pool.query({ ...FIND_REPLY, values: [key] })
    return rows[0]?.reply
  }

  return {
    async open(input) {
      const opening = readOpening(input)
      const stored = await append(opening.number, 0, decideOpen(opening))
      if (stored === undefined) throw new Error(`${opening.number} exists`)
      return stored
    },
    async deposit(input, key) {
      const read = readDepositing(input)
      const before = key === undefined ? undefined : await known(key)
      if (before !== undefined) return before
      for (;;) {
        const { rows: events } = await pool.query({ ...READ, values: [read.id] })
        const event = decideDeposit(fold(events), read)
        if (event === undefined) throw new Error('deposit was rejected')
        const version = events.length + 1
        const reply = key && [key, JSON.stringify(input), JSON.stringify({ id: read.id, version })]
        const stored = await append(read.id, events.length, event, reply)
        if (stored !== undefined) return stored
      }
    },
    close: () => pool.end(),
  }
}
