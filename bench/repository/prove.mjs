import assert from 'node:assert/strict'
import { connect } from './connect.mjs'
import { changeInput, LINES, numberOf, orderInput } from './calls.mjs'
import { changeQuantity, place } from './order.mjs'

/** What is stored of each order kept in columns, whoever stored it. */
export const stateFacts = ({ orders, lines, orderId, place: at, events, eventOrderId }) => `
select o.id, o.version::int, o.total_amount::int as total,
  (select string_agg(l.quantity::text, ' ' order by l.${at}) from ${lines} l where l.${orderId} = o.id) as quantities,
  e.count, e.last
from ${orders} o, lateral (
  select count(*)::int, (array_agg(data order by version desc))[1] as last from ${events} where ${eventOrderId} = o.id) e
order by o.id`

/** The same where there are only events; who is kept in them has to be loaded. */
export const eventFacts = ({ streams, events, eventOrderId }) => `
select s.id, s.version::int, e.count, e.last from ${streams} s, lateral (
  select count(*)::int, (array_agg(data order by version desc))[1] as last from ${events} where ${eventOrderId} = s.id) e
order by s.id`

/** Order `i` as it must be after so many changes, and the last of what happened to it. */
function expected(i, changes) {
  const order = place(orderInput(i))
  let last
  for (let n = 1; n <= changes; n++) last = changeQuantity(order, changeInput(i, n))
  return { order: { ...order, version: 1 + changes }, last: last?.data }
}

/**
 * Compares what the database holds with what a contestant was told to do: `changes[i]` is how often order `i` was changed.
 * Throws on the first order that is not as it must be, or that is missing, or one too many.
 */
export async function proveStored(connection, name, facts, changes) {
  const pool = connect(connection, 1)
  try {
    const { rows } = await pool.query(facts)
    assert.equal(rows.length, changes.length, `${name}: orders stored`)
    for (const [i, row] of rows.entries()) {
      const { order, last } = expected(i, changes[i])
      assert.equal(row.id, numberOf(i))
      assert.deepEqual(
        [row.version, row.count],
        [order.version, order.version],
        `${name}: versions of ${row.id}`,
      )
      if (last !== undefined) assert.deepEqual(row.last, plain(last), `${name}: last event of ${row.id}`)
      else assert.equal(row.last.lines.length, LINES, `${name}: lines of ${row.id}`)
      if (row.quantities === undefined) continue
      const quantities = order.lines.map((it) => it.quantity).join(' ')
      assert.deepEqual(
        [row.total, row.quantities],
        [order.total.amount, quantities],
        `${name}: state of ${row.id}`,
      )
    }
  } finally {
    await pool.end()
  }
}

/** Loads some of the orders and compares every field. */
export async function proveLoaded(it, name, changes) {
  for (let i = 0; i < changes.length; i += Math.ceil(changes.length / 20)) {
    const found = shown(await it.load(numberOf(i)))
    assert.deepEqual(found, plain(expected(i, changes[i]).order), `${name}: ${numberOf(i)} as loaded`)
  }
}

/** Two who have loaded the same version: the second must be refused, and leave nothing. */
export async function proveGuarded(it, name, i, changes) {
  const [first, second] = [changeInput(i, changes[i] + 1), changeInput(i, changes[i] + 2)]
  await assert.rejects(it.changeStale(numberOf(i), first, second), `${name}: a stale save was not refused`)
  changes[i]++
}

const plain = (value) => JSON.parse(JSON.stringify(value))

/** An order of whichever contestant, as plain data. */
function shown(loaded) {
  const { id, version } = loaded
  const { customer, shipTo, status, total, lines } = loaded.state ?? loaded
  return plain({
    id,
    version,
    customer,
    status,
    shipTo: {
      street: shipTo.street,
      zipcode: shipTo.zipcode,
      city: shipTo.city,
      country: shipTo.country,
    },
    total: {
      amount: total.amount,
      currency: total.currency,
    },
    lines: Array.from(lines, ({ line, product, quantity, price }) => ({
      line,
      product,
      quantity,
      price: {
        amount: price.amount,
        currency: price.currency,
      },
    })),
  })
}
