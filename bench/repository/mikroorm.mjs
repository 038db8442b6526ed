import { defineEntity, LoadStrategy, MikroORM, p } from '@mikro-orm/postgresql'
import { POOL } from './connect.mjs'
import {
  Address,
  changeQuantity,
  envelope,
  Money,
  Order,
  OrderEvent,
  OrderLine,
  orderPlaced,
  place,
} from './order.mjs'

const money = defineEntity({
  class: Money,
  embeddable: true,
  properties: { amount: p.bigint('number'), currency: p.text() },
})
const address = defineEntity({
  class: Address,
  embeddable: true,
  properties: { street: p.text(), zipcode: p.text(), city: p.text(), country: p.text() },
})
const orderLine = defineEntity({
  class: OrderLine,
  tableName: 'order_lines',
  properties: {
    order: () => p.manyToOne(order).primary().deleteRule('cascade'),
    line: p.integer().primary(),
    product: p.text(),
    quantity: p.integer(),
    price: p.embedded(money),
  },
})
const order = defineEntity({
  class: Order,
  tableName: 'orders',
  properties: {
    id: p.text().primary(),
    version: p.integer().version(),
    customer: p.text(),
    shipTo: p.embedded(address),
    status: p.text(),
    total: p.embedded(money),
    lines: () => p.oneToMany(orderLine).mappedBy('order').orderBy({ line: 'asc' }),
  },
})
const orderEvent = defineEntity({
  class: OrderEvent,
  tableName: 'events',
  properties: {
    position: p.bigint('number').primary().autoincrement(),
    orderId: p.text(),
    version: p.integer(),
    tenant: p.text(),
    aggregate: p.text(),
    slice: p.smallint(),
    schema: p.integer(),
    actor: p.text(),
    command: p.text(),
    correlation: p.text(),
    type: p.text(),
    data: p.json(),
    at: p.datetime().defaultRaw('now()'),
  },
})

/**
 * The same by MikroORM: a fork of the entity manager for each operation, the lines by the joined strategy, and one flush,
 * which is a transaction that compares the version property.
 */
export async function ordersByMikroorm(connection, { schema, poolSize = POOL }) {
  const { host, port, user, database: dbName } = connection
  const orm = await MikroORM.init({
    host,
    port,
    user,
    password: '',
    dbName,
    schema,
    entities: [money, address, orderLine, order, orderEvent],
    pool: {
      min: 0,
      max: poolSize,
    },
  })

  const load = (em, id) => em.findOneOrFail(order, id, { populate: ['lines'], strategy: LoadStrategy.JOINED })
  const append = (em, it, version, { type, data }) =>
    em.create(orderEvent, { ...envelope(), orderId: it.id, version, aggregate: 'Order', type, data })

  const saveChanged = async (em, it, input) => {
    const event = changeQuantity(it, input)
    append(em, it, it.version + 1, event)
    await em.flush()
  }

  return {
    load: (id) => load(orm.em.fork(), id),
    async change(id, [input]) {
      const em = orm.em.fork()
      await saveChanged(em, await load(em, id), input)
    },
    async create(input) {
      const em = orm.em.fork()
      const { version: _, ...made } = place(input)
      const it = em.create(order, made)
      // The lines belong to the entity manager now, so the event is of the input.
      append(em, it, 1, orderPlaced({ ...input, total: made.total }))
      await em.flush()
    },
    async changeStale(id, first, second) {
      const [one, other] = [orm.em.fork(), orm.em.fork()]
      const [a, b] = [await load(one, id), await load(other, id)]
      await saveChanged(one, a, first)
      await saveChanged(other, b, second)
    },
    close: () => orm.close(true),
  }
}
