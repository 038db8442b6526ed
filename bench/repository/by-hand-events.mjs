import { envelope, changeQuantity, fold, orderOf, orderPlaced, place } from './order.mjs'
import { connect, raw } from './connect.mjs'
import { envelopeColumns, envelopeParameters, envelopeValues } from './tables.mjs'

/** Says which states this code can go on from. */
const SHAPE = 'order 1'

/**
 * Orders as their events by hand: a load reads and folds them, a save appends by one statement. With `every` a state to
 * go on from is kept after so many events, and a load reads it and the events after it by one statement.
 */
export function ordersAsEvents(connection, { schema, poolSize, every }) {
  const pool = connect(connection, poolSize)
  const statements = statementsOf(schema)
  const read = every === undefined ? statements.load : statements.loadOn

  /** The order, and the version of the state that its events were folded on. */
  const open = async (id) => {
    const { rows } = await pool.query({ ...read, values: every === undefined ? [id] : [id, SHAPE] })
    if (rows.length === 0) throw new Error(`there is no ${id}`)
    const [first] = rows
    const kept = first[0] === null ? orderOf(id, JSON.parse(first[1]), Number(first[2])) : undefined
    const events = (kept ? rows.slice(1) : rows).map((it) => ({ type: it[0], data: JSON.parse(it[1]) }))
    return { order: fold(id, events, kept), snapshot: kept ? Number(first[2]) : 0 }
  }

  const append = async (id, expected, events) => {
    const texts = [events.map((it) => it.type), events.map((it) => JSON.stringify(it.data))]
    const values = [id, expected, ...texts, ...envelopeValues(envelope())]
    const { rows } = await pool.query({ ...statements.append, values })
    if (rows.length === 0) throw new Error(`${id} is not at version ${expected} any more`)
  }

  const save = async ({ order, snapshot }, events) => {
    const before = order.version
    await append(order.id, before, events)
    order.version = before + events.length
    if (every === undefined || order.version - snapshot < every) return
    const { id, version, ...state } = order
    await pool.query({ ...statements.keep, values: [id, version, SHAPE, JSON.stringify(state)] })
  }

  return {
    load: async (id) => (await open(id)).order,
    async change(id, inputs) {
      const opened = await open(id)
      const events = inputs.map((input) => changeQuantity(opened.order, input))
      await save(opened, events)
    },
    async create(input, ...changes) {
      const order = place(input)
      // What the changes do later must not show in what happened first.
      const placed = structuredClone(orderPlaced(order))
      const events = [placed, ...changes.map((change) => changeQuantity(order, change))]
      order.version = 0
      await save({ order, snapshot: 0 }, events)
    },
    async changeStale(id, first, second) {
      const [one, other] = [await open(id), await open(id)]
      await save(one, [changeQuantity(one.order, first)])
      await save(other, [changeQuantity(other.order, second)])
    },
    close: () => pool.end(),
  }
}

function statementsOf(s) {
  const raws = { rowMode: 'array', types: raw }
  return {
    load: {
      name: 'load',
      ...raws,
      text: `select type, data from ${s}.events where order_id = $1 order by version`,
    },
    loadOn: {
      name: 'load-on',
      ...raws,
      text: `with kept as materialized (select version, state from ${s}.snapshots where id = $1 and shape = $2)
select null, state::text, version from kept
union all
(select type, data::text, null from ${s}.events
where order_id = $1 and version > coalesce((select version from kept), 0) order by version)`,
    },
    // The version guard stands where the stream's row is written; no row back means that somebody was faster.
    append: {
      name: 'append',
      text: `with s as (
  insert into ${s}.streams (id, version)
  select $1, $2::int + cardinality($3::text[]) where $2::int = 0 or exists (select 1 from ${s}.streams where id = $1)
  on conflict (id) do update set version = excluded.version where streams.version = $2::int
  returning id),
e as (
  insert into ${s}.events (order_id, version, type, data, ${envelopeColumns})
  select s.id, $2::int + n.at, n.type, n.data, ${envelopeParameters(5)}
  from s, unnest($3::text[], $4::json[]) with ordinality n(type, data, at) returning 1)
select from e limit 1`,
    },
    keep: {
      name: 'keep',
      text: `insert into ${s}.snapshots values ($1, $2, $3, $4) on conflict (id) do update
set version = excluded.version, shape = excluded.shape, state = excluded.state`,
    },
  }
}
