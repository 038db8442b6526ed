import { ordersAsEvents } from './by-hand-events.mjs'
import { ordersInColumns } from './by-hand-state.mjs'
import { connect, POOL } from './connect.mjs'
import { dureAsEvents, dureInColumns } from './dure.mjs'
import { eventFacts, stateFacts } from './prove.mjs'
import { eventTables, stateTables } from './tables.mjs'

/** Who keeps orders in columns. Each has a schema of its own, and a pool of the same size. */
export const inColumns = {
  dure: async (storage) => ({
    ...(await dureInColumns(storage, 'Ordering')),
    ...inColumnsOfDure('ordering'),
  }),
  /** Dure that remembers nothing, as for an aggregate that this process has not seen lately: every load reads all rows. */
  cold: async (storage) => ({
    ...(await dureInColumns(storage, 'Cold', 0)),
    ...inColumnsOfDure('cold'),
  }),
  limit: onTables('by_hand', async (connection, settings) => ordersInColumns(connection, settings)),
  typeorm: onTables('typeorm', async (connection, settings) => {
    const { ordersByTypeorm } = await import('./typeorm.mjs')
    return ordersByTypeorm(connection, settings)
  }),
  mikroorm: onTables('mikroorm', async (connection, settings) => {
    const { ordersByMikroorm } = await import('./mikroorm.mjs')
    return ordersByMikroorm(connection, settings)
  }),
}

/** Who keeps orders as events; with `every`, with a snapshot after so many of them. */
export const asEvents = {
  dure: async (storage) => ({
    ...(await dureAsEvents(storage, 'Ordering', 'measured')),
    ...ofDure('ordering'),
  }),
  /** Dure that remembers nothing, as for an aggregate that this process has not seen lately. */
  cold: async (storage, every) => ({
    ...(await dureAsEvents(storage, 'Cold', every === undefined ? 'measured' : { every }, 0)),
    ...ofDure('cold'),
  }),
  /** The same without snapshots. */
  whole: async (storage) => ({ ...(await dureAsEvents(storage, 'Whole', 'never', 0)), ...ofDure('whole') }),
  limit: async ({ connection }, every) => {
    const schema = 'by_hand'
    await createTables(connection, eventTables(schema))
    return {
      ...ordersAsEvents(connection, { schema, poolSize: POOL, every }),
      facts: eventFacts({
        streams: `${schema}.streams`,
        events: `${schema}.events`,
        eventOrderId: 'order_id',
      }),
      snapshots: `${schema}.snapshots`,
    }
  },
}

const inColumnsOfDure = (schema) => ({
  facts: stateFacts({
    orders: `${schema}."order"`,
    lines: `${schema}.order_lines`,
    orderId: 'id',
    place: 'ordinal',
    events: `${schema}.events`,
    eventOrderId: 'id',
  }),
})

const ofDure = (schema) => ({
  facts: eventFacts({ streams: `${schema}.streams`, events: `${schema}.events`, eventOrderId: 'id' }),
  snapshots: `${schema}.snapshots`,
})

function onTables(schema, open) {
  return async ({ connection }) => {
    await createTables(connection, stateTables(schema))
    const facts = stateFacts({
      orders: `${schema}.orders`,
      lines: `${schema}.order_lines`,
      orderId: 'order_id',
      place: 'line',
      events: `${schema}.events`,
      eventOrderId: 'order_id',
    })
    return { ...(await open(connection, { schema, poolSize: POOL })), facts }
  }
}

async function createTables(connection, sql) {
  const pool = connect(connection, 1)
  await pool.query(sql)
  await pool.end()
}
