import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { decideDeposit, decideOpen, fold, readDepositing, readOpening } from './by-hand.mjs'

// What Dure keeps with every event, a hand-written service that answers who, why and for whom keeps as well: the tenant,
// the command, the actor, the correlation. Without these columns the tables are lean.
const envelope = [
  ['tenant', 'text', ''],
  ['aggregate', 'text', 'Account'],
  ['slice', 'smallint', 7],
  ['schema', 'int', 1],
  ['actor', 'text', 'bench'],
]
const perCommand = ['command', 'correlation']

function tables(s, lean) {
  const kept = lean
    ? []
    : [...envelope.map(([name, type]) => `${name} ${type}`), ...perCommand.map((it) => `${it} text`)]
  const more = kept.map((it) => `${it} not null,`).join(' ')
  return `
drop schema if exists ${s} cascade;
create schema ${s};
create table ${s}.streams (id text primary key, version int not null) with (fillfactor = 70);
create table ${s}.events (
  position bigint generated always as identity primary key,
  stream_id text not null,
  version int not null,
  ${more}
  type text not null,
  data jsonb not null,
  at timestamptz not null default now(),
  unique (stream_id, version)
);
create table ${s}.replies (key text primary key, request text not null, reply jsonb not null)`
}

function statementsOf(s, lean) {
  const names = lean ? [] : [...envelope.map(([name]) => name), ...perCommand]
  const columns = names.map((it) => `, ${it}`).join('')
  const values = names.map((_, i) => `, $${i + 5}`).join('')
  const first = names.length + 5
  // The version guard stands where the stream's row is written; no row back means that somebody was faster.
  const write = `with s as (
  insert into ${s}.streams (id, version)
  select $1, $2::int + 1 where $2::int = 0 or exists (select 1 from ${s}.streams where id = $1)
  on conflict (id) do update set version = excluded.version where streams.version = $2::int
  returning id, version),
e as (
  insert into ${s}.events (stream_id, version, type, data${columns})
  select id, version, $3, $4::text::jsonb${values} from s returning position)`
  const reply = [first, first + 1, first + 2]
  const k = `k as (insert into ${s}.replies (key, request, reply) select $${reply[0]}, $${reply[1]}, $${reply[2]}::text::jsonb from s)`
  return {
    read: {
      name: 'read',
      text: `select version, type, data from ${s}.events where stream_id = $1 order by version`,
    },
    find: { name: 'find', text: `select request, reply from ${s}.replies where key = $1` },
    append: { name: 'append', text: `${write} select position from e` },
    appendWithReply: { name: 'append-with-reply', text: `${write},\n${k}\nselect position from e` },
  }
}

/** Makes the tables of a bank by hand anew. */
export async function createTables(connection, { schema, lean }) {
  const client = new pg.Client({ ...connection, ssl: false, password: '' })
  await client.connect()
  await client.query(tables(schema, lean))
  await client.end()
}

/**
 * The bank by hand on PostgreSQL: read the events, decide, append by one statement; two round trips, three with a key.
 * With `remembers` it keeps the accounts in a Map and reads only after a conflict: one round trip less.
 */
export function bankOnPostgres(connection, { poolSize, remembers = false, lean = false, schema }) {
  const statements = statementsOf(schema, lean)
  const pool = new pg.Pool({ ...connection, max: poolSize, ssl: false, password: '' })
  const remembered = new Map()
  // A connection that is still being closed hears that the server stops.
  pool.on('error', () => undefined)

  /** What is stored, or undefined where somebody was faster. */
  const append = async (id, expected, { type, data }, reply = []) => {
    const statement = reply.length === 0 ? statements.append : statements.appendWithReply
    const kept = lean ? [] : [...envelope.map(([, , value]) => value), randomUUID(), randomUUID()]
    const values = [id, expected, type, JSON.stringify(data), ...kept, ...reply]
    const { rows } = await pool.query({ ...statement, values })
    return rows[0] && { id, version: expected + 1, position: Number(rows[0].position) }
  }

  const read = async (id) => {
    const { rows: events } = await pool.query({ ...statements.read, values: [id] })
    return { version: events.length, state: fold(events) }
  }

  const known = async (key) => {
    const { rows } = await pool.query({ ...statements.find, values: [key] })
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
      const wanted = readDepositing(input)
      const { id } = wanted
      const before = key === undefined ? undefined : await known(key)
      if (before !== undefined) return before
      for (;;) {
        const account = remembered.get(id) ?? (await read(id))
        remembered.delete(id)
        const event = decideDeposit(account.state, wanted)
        if (event === undefined) throw new Error('deposit was rejected')
        const version = account.version + 1
        const reply = key && [key, JSON.stringify(input), JSON.stringify({ id, version })]
        const stored = await append(id, account.version, event, reply)
        if (stored === undefined) continue
        if (remembers) remembered.set(id, { version, state: fold([event], account.state) })
        return stored
      }
    },
    forget: () => remembered.clear(),
    close: () => pool.end(),
  }
}
