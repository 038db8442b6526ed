import { connect } from './connect.mjs'
import { accountOf } from './calls.mjs'
import { decideDeposit, envelope, fold } from './account.mjs'
import { kept, keptNames, seed, tables } from './tables.mjs'

/** The naive version by hand, two round trips: read the events, append by one statement with the version guarded. */
export async function openLimit({ connection }) {
  const s = 'by_hand'
  const pool = connect(connection)
  await pool.query(tables(s))
  const read = {
    name: 'read',
    rowMode: 'array',
    text: `select version, type, data::text from ${s}.events where stream_id = $1 order by version`,
  }
  const append = { name: 'append', rowMode: 'array', text: appendText(s) }

  return {
    facts: { streams: `${s}.streams`, events: `${s}.events`, id: 'stream_id' },
    seed: (from, count) => seed(pool, s, from, count),
    warm: async () => undefined,
    async deposit(i, input) {
      const id = accountOf(i)
      const { rows } = await pool.query({ ...read, values: [id] })
      const state = fold(rows.map(([, type, data]) => ({ type, data: JSON.parse(data) })))
      const { type, data } = decideDeposit(state, input)
      const values = [id, rows.length, type, JSON.stringify(data), ...envelope()]
      const stored = await pool.query({ ...append, values })
      if (stored.rows.length === 0) throw new Error(`${id} is not at version ${rows.length} any more`)
      return rows.length + 1
    },
    close: () => pool.end(),
  }
}

/** One append; no row back means that somebody was faster. */
export const appendText = (s) => `with s as (
  insert into ${s}.streams (id, version)
  select $1, $2::int + 1 where $2::int = 0 or exists (select 1 from ${s}.streams where id = $1)
  on conflict (id) do update set version = excluded.version where streams.version = $2::int
  returning id, version),
e as (
  insert into ${s}.events (stream_id, version, type, data, ${keptNames})
  select id, version, $3, $4, ${kept.map((_, i) => `$${i + 5}`).join(', ')} from s returning position)
select position from e`
