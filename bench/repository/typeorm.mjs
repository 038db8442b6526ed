import { DataSource, DefaultNamingStrategy, EntitySchema } from 'typeorm'
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

const text = { type: 'text' }
const int = { type: 'int' }
const bigint = { type: 'bigint' }

const money = new EntitySchema({ name: 'Money', target: Money, columns: { amount: bigint, currency: text } })
const address = new EntitySchema({
  name: 'Address',
  target: Address,
  columns: { street: text, zipcode: text, city: text, country: text },
})

/** Columns in snake_case, those of embedded objects behind their field. */
class SnakeCase extends DefaultNamingStrategy {
  columnName(property, custom, prefixes) {
    const name = custom ?? property.replaceAll(/[A-Z]/g, (it) => `_${it.toLowerCase()}`)
    return [...prefixes.map((it) => it.replaceAll(/[A-Z]/g, (c) => `_${c.toLowerCase()}`)), name].join('_')
  }
}

const entities = (schema) => [
  new EntitySchema({
    name: 'Order',
    target: Order,
    schema,
    tableName: 'orders',
    columns: {
      id: { ...text, primary: true },
      version: { ...int, version: true },
      customer: text,
      status: text,
    },
    embeddeds: {
      shipTo: { schema: address, prefix: 'shipTo' },
      total: { schema: money, prefix: 'total' },
    },
    relations: { lines: { type: 'one-to-many', target: 'OrderLine', inverseSide: 'order', cascade: true } },
  }),
  new EntitySchema({
    name: 'OrderLine',
    target: OrderLine,
    schema,
    tableName: 'order_lines',
    columns: {
      orderId: { ...text, primary: true },
      line: { ...int, primary: true },
      product: text,
      quantity: int,
    },
    embeddeds: { price: { schema: money, prefix: 'price' } },
    relations: {
      order: {
        type: 'many-to-one',
        target: 'Order',
        inverseSide: 'lines',
        joinColumn: { name: 'order_id' },
        onDelete: 'CASCADE',
      },
    },
  }),
  new EntitySchema({
    name: 'OrderEvent',
    target: OrderEvent,
    schema,
    tableName: 'events',
    columns: {
      position: { ...bigint, primary: true, generated: 'identity', generatedIdentity: 'ALWAYS' },
      orderId: text,
      version: int,
      tenant: text,
      aggregate: text,
      slice: { type: 'smallint' },
      schema: int,
      actor: text,
      command: text,
      correlation: text,
      type: text,
      data: { type: 'json' },
      at: { type: 'timestamptz', createDate: true },
    },
  }),
]

/**
 * The same by TypeORM: a relation that cascades, `save` in a transaction with the event beside it, as its documentation
 * has it. Its version column counts but compares nothing, so a load for a change says which version is expected (the
 * optimistic lock mode); that nobody commits between that load and the save, only the event's unique version sees to. A
 * load is by the query builder, which needs one query where `findOne` with a relation needs two.
 */
export async function ordersByTypeorm(connection, { schema, poolSize = POOL }) {
  const { host, port, user: username, database } = connection
  const source = new DataSource({
    type: 'postgres',
    host,
    port,
    username,
    password: '',
    database,
    schema,
    poolSize,
    entities: entities(schema),
    namingStrategy: new SnakeCase(),
    parseInt8: true,
  })
  await source.initialize()

  const load = (id) => find(queryOf(source.manager, id), id)

  const change = (id, [input], expected) =>
    source.transaction(async (manager) => {
      const order = await find(queryOf(manager, id).setLock('optimistic', expected), id)
      const event = changeQuantity(order, input)
      await manager.save(order)
      await append(manager, order, expected + 1, event)
    })

  return {
    load,
    change,
    create: (input) =>
      source.transaction(async (manager) => {
        const order = place(input)
        const event = orderPlaced(order)
        order.version = undefined
        await manager.save(order)
        await append(manager, order, 1, event)
      }),
    async changeStale(id, first, second) {
      const { version } = await load(id)
      await change(id, [first], version)
      await change(id, [second], version)
    },
    close: () => source.destroy(),
  }
}

async function find(query, id) {
  const order = await query.getOne()
  if (order === null) throw new Error(`there is no ${id}`)
  return order
}

function queryOf(manager, id) {
  return manager
    .createQueryBuilder(Order, 'o')
    .leftJoinAndSelect('o.lines', 'l')
    .where('o.id = :id', { id })
    .orderBy('l.line')
}

function append(manager, order, version, { type, data }) {
  return manager.insert(OrderEvent, {
    ...envelope(),
    orderId: order.id,
    version,
    aggregate: 'Order',
    type,
    data,
  })
}
