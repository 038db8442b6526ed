import { envelope, changeQuantity, Address, Money, Order, OrderLine, orderPlaced, place } from './order.mjs'
import { connect, raw } from './connect.mjs'
import { envelopeColumns, envelopeParameters, envelopeValues } from './tables.mjs'

/**
 * Orders in columns by hand. A load is one statement of raw cells: the order's row, then those of its lines, which was
 * as fast as one JSON of all lines and faster than a join (12.0, 10.5 and 9.3 thousand loads/s). What is written goes
 * by one statement, too: nothing but the columns that change, if the row is still at the version read, and the event.
 */
export function ordersInColumns(connection, { schema, poolSize }) {
  const pool = connect(connection, poolSize)
  const statements = statementsOf(schema)

  const load = async (id) => {
    const { rows } = await pool.query({ ...statements.load, values: [id] })
    if (rows.length === 0) throw new Error(`there is no ${id}`)
    return orderOfRows(id, rows)
  }

  const save = async (order, { type, data }) => {
    const { line, quantity, total } = data
    const values = [order.id, order.version, total.amount, line, quantity, type, JSON.stringify(data)]
    const written = await pool.query({
      ...statements.save,
      values: [...values, ...envelopeValues(envelope())],
    })
    if (written.rows.length === 0) throw new Error(`${order.id} is not at version ${order.version} any more`)
    order.version++
  }

  return {
    load,
    async change(id, [input]) {
      const order = await load(id)
      await save(order, changeQuantity(order, input))
    },
    async create(input) {
      const order = place(input)
      const { type, data } = orderPlaced(order)
      const values = [...rowsOf(order), type, JSON.stringify(data), ...envelopeValues(envelope())]
      const { rows } = await pool.query({ ...statements.create, values })
      if (rows.length === 0) throw new Error(`${order.id} exists`)
    },
    async changeStale(id, first, second) {
      const [one, other] = [await load(id), await load(id)]
      await save(one, changeQuantity(one, first))
      await save(other, changeQuantity(other, second))
    },
    close: () => pool.end(),
  }
}

function statementsOf(s) {
  const event = `order_id, version, type, data, ${envelopeColumns}`
  return {
    load: {
      name: 'load',
      rowMode: 'array',
      types: raw,
      text: `
select version::text, customer, ship_to_street, ship_to_zipcode, ship_to_city, ship_to_country, status, total_amount,
  total_currency
from ${s}.orders where id = $1
union all
select line::text, product, quantity::text, price_amount::text, price_currency, null, null, null, null
from ${s}.order_lines where order_id = $1`,
    },
    save: {
      name: 'save',
      text: `with o as (
  update ${s}.orders set version = version + 1, total_amount = $3 where id = $1 and version = $2
  returning id, version),
l as (update ${s}.order_lines set quantity = $5 where order_id = (select id from o) and line = $4),
e as (insert into ${s}.events (${event}) select id, version, $6, $7, ${envelopeParameters(8)} from o returning 1)
select from e`,
    },
    create: {
      name: 'create',
      text: `with o as (
  insert into ${s}.orders values ($1, 1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing returning id),
l as (
  insert into ${s}.order_lines
  select id, n.* from o, unnest($10::int[], $11::text[], $12::int[], $13::bigint[], $14::text[]) n),
e as (insert into ${s}.events (${event}) select id, 1, $15, $16, ${envelopeParameters(17)} from o returning 1)
select from e`,
    },
  }
}

/** Rows come as the parts of a union do, the order's first; the lines are put in their order here. */
function orderOfRows(id, rows) {
  const [version, customer, street, zipcode, city, country, status, amount, currency] = rows[0]
  const lines = []
  for (let i = 1; i < rows.length; i++) {
    const it = rows[i]
    lines.push(new OrderLine(Number(it[0]), it[1], Number(it[2]), new Money(Number(it[3]), it[4])))
  }
  lines.sort((a, b) => a.line - b.line)
  const shipTo = new Address(street, zipcode, city, country)
  return new Order(id, Number(version), customer, shipTo, status, new Money(Number(amount), currency), lines)
}

function rowsOf({ id, customer, shipTo, status, total, lines }) {
  const { street, zipcode, city, country } = shipTo
  return [
    id,
    customer,
    street,
    zipcode,
    city,
    country,
    status,
    total.amount,
    total.currency,
    lines.map((it) => it.line),
    lines.map((it) => it.product),
    lines.map((it) => it.quantity),
    lines.map((it) => it.price.amount),
    lines.map((it) => it.price.currency),
  ]
}
