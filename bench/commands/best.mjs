import { connect } from './connect.mjs'
import { accountOf, EVENTS, pastOf } from './calls.mjs'
import { decideDeposit, envelope, fold } from './account.mjs'
import { appendText } from './by-hand.mjs'
import { kept, keptNames, seed, tables } from './tables.mjs'

const MOST = 256

/** The best version by hand: states in memory, and commits that go together while another is on its way. */
export async function openBest({ connection }) {
  const s = 'by_hand_best'
  const pool = connect(connection, 1)
  await pool.query(tables(s))
  const known = new Map()
  const append = appender(pool, s)

  return {
    facts: { streams: `${s}.streams`, events: `${s}.events`, id: 'stream_id' },
    seed: (from, count) => seed(pool, s, from, count),
    async warm(from, count) {
      known.clear()
      for (let i = from; i < from + count; i++)
        known.set(accountOf(i), { version: EVENTS, state: fold(pastOf(i)) })
    },
    async deposit(i, input) {
      const id = accountOf(i)
      const { version, state } = known.get(id)
      const event = decideDeposit(state, input)
      const stored = await append([id, version, event.type, JSON.stringify(event.data), ...envelope()])
      if (stored === undefined) throw new Error(`${id} is not at version ${version} any more`)
      known.set(id, { version: version + 1, state: fold([event], state) })
      return version + 1
    },
    close: () => pool.end(),
  }
}

/** Appends at once when nothing is on its way, else together with what waits. One command a stream at a time. */
function appender(pool, s) {
  const one = { name: 'one', rowMode: 'array', text: appendText(s) }
  const many = { name: 'many', rowMode: 'array', text: manyText(s) }
  let waiting = []
  let busy = false

  const send = async (values) => {
    busy = true
    try {
      const { rows } = await pool.query({ ...one, values })
      return rows[0]?.[0]
    } finally {
      next()
    }
  }
  const sendMany = async (group) => {
    busy = true
    try {
      const values = group[0].values.map((_, column) => group.map((it) => it.values[column]))
      const { rows } = await pool.query({ ...many, values })
      const positions = new Map(rows)
      for (const it of group) it.resolve(positions.get(it.values[0]))
    } catch (error) {
      for (const it of group) it.reject(error)
    } finally {
      next()
    }
  }
  // Those just answered ask again before the next tick, and go together.
  const next = () =>
    process.nextTick(() => {
      busy = false
      const group = waiting.splice(0, MOST)
      if (group.length > 0) void sendMany(group)
    })
  return (values) =>
    busy ? new Promise((resolve, reject) => void waiting.push({ values, resolve, reject })) : send(values)
}

const types = ['text', 'int', 'text', 'json', ...kept.map(([, type]) => type)]

const manyText = (s) => `with a as (
  select * from unnest(${types.map((type, i) => `$${i + 1}::${type}[]`).join(', ')})
    as a(id, expected, type, data, ${keptNames})),
s as (
  insert into ${s}.streams as st (id, version)
  select id, expected + 1 from a
  where expected = 0 or exists (select 1 from ${s}.streams x where x.id = a.id)
  order by id
  on conflict (id) do update set version = excluded.version where st.version = excluded.version - 1
  returning id, version),
e as (
  insert into ${s}.events (stream_id, version, type, data, ${keptNames})
  select s.id, s.version, type, data, ${keptNames} from s join a using (id) returning stream_id, position)
select stream_id, position from e`
