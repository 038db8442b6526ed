import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import * as z from 'zod'
import { context, contract, isDureError, list, object, system, view, type System } from 'dure'
import type { Transport } from 'dure/ports'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { visitKafka } from '../fixtures/kafka-broker.ts'
import { openNats } from '../fixtures/nats-broker.ts'
import { createDatabase, type TestDatabase } from '../fixtures/postgres-database.ts'
import { running, type Driver } from '../fixtures/running.ts'
import { inventory, Inventory, ordering, Ordering } from '../fixtures/shop.ts'

// Sums, so that an event that is handled twice, or not at all, shows.
const Sold = { id: z.string(), orders: z.int(), quantity: z.int(), total: z.int() }
const Sales = contract('Sales', { queries: { sold: { in: {}, out: list(object(Sold)) } } })

/** The shop, and what it has sold as a view named `name`: under another name it is built from the log again. */
function shopWith(name: string): System {
  const Sums = view(name, 'id', Sold).on(
    Ordering.events.OrderPlaced,
    (e) => e.lines[0]?.product ?? 'none',
    (row, e) => ({
      id: e.lines[0]?.product ?? 'none',
      orders: (row?.orders ?? 0) + 1,
      quantity: (row?.quantity ?? 0) + e.lines.reduce((sum, it) => sum + it.quantity, 0),
      total: (row?.total ?? 0) + e.total,
    }),
  )
  const sales = context(Sales, [Sums]).implements({
    queries: { sold: (_, reading) => reading.view(Sums).list({ orderBy: 'id' }) },
  })
  return system('Shop', {
    contexts: [ordering, inventory, sales],
    map: [
      { upstream: Ordering, downstream: Inventory, as: 'conformist' },
      { upstream: Ordering, downstream: Sales, as: 'conformist' },
    ],
    routes: [],
  })
}

const stock = 1_000_000
const products = ['p1', 'p2', 'p3']
const product = (n: number): string => products[n % products.length] ?? 'p1'
const quantity = (n: number): number => 1 + (n % 4)

/** Orders that are placed until they are stopped, at whichever process is there. */
class Load {
  readonly #hosts: readonly Driver[]
  readonly #taken: number[] = []
  readonly #writers: Promise<void>[]
  #stopped = false

  constructor(hosts: readonly Driver[], writers = 8) {
    this.#hosts = hosts
    this.#writers = Array.from({ length: writers }, (_, writer) => this.#write(writer, writers))
  }

  get taken(): number {
    return this.#taken.length
  }

  async more(count: number): Promise<void> {
    const goal = this.taken + count
    while (this.taken < goal) await pause(10)
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await Promise.all(this.#writers)
  }

  /** What must be there by the orders that were taken. */
  expected(): { readonly sold: readonly object[]; readonly free: readonly number[] } {
    const sold = products.map((id) => {
      const mine = this.#taken.filter((n) => product(n) === id)
      const sum = mine.reduce((all, n) => all + quantity(n), 0)
      return { id, orders: mine.length, quantity: sum, total: sum * 10 }
    })
    return { sold, free: sold.map((it) => stock - it.quantity) }
  }

  async #write(writer: number, writers: number): Promise<void> {
    for (let n = writer; !this.#stopped; n += writers) {
      while (!(await this.#place(n))) await pause(20)
      this.#taken.push(n)
    }
  }

  /** One that fails is placed again under its key: a process that stops may have taken it. */
  async #place(n: number): Promise<boolean> {
    const price = { amount: 10, currency: 'KRW' }
    const lines = [{ lineId: '1', product: product(n), quantity: quantity(n), price }]
    const order = { customer: 'c1', lines, shipTo: { zipcode: '04524', addr1: 'Sejong-daero' } }
    try {
      const it = this.#hosts[n % Math.max(1, this.#hosts.length)]
      await it?.command('Ordering.placeOrder', order, { key: `order-${n}` })
      return it !== undefined
    } catch (error) {
      if (isDureError(error)) return false
      throw error
    }
  }
}

describe('a system that moves from JetStream to Kafka while orders are placed', () => {
  let database: TestDatabase
  let prefix: string
  let hosts: Driver[]
  let load: Load | undefined

  beforeEach(async () => {
    database = await createDatabase({ connectionString: urlOf('DURE_TEST_POSTGRES_18_URL') })
    prefix = `move-${randomUUID().slice(0, 8)}-`
    hosts = []
  })

  afterEach(async () => {
    await load?.stop()
    await Promise.allSettled(hosts.map((it) => it.host.close()))
    await database.drop()
  })

  async function start(transport: Transport): Promise<Driver> {
    const it = await running(shopWith('Sums'), database.open(), [], {
      ...transport,
      openTopic: (name, partitions) => transport.openTopic(prefix + name, partitions),
      findTopic: (name, partitions) => transport.findTopic(prefix + name, partitions),
    })
    hosts.push(it)
    return it
  }

  async function stop(it: Driver): Promise<void> {
    hosts.splice(hosts.indexOf(it), 1)
    await it.host.close()
  }

  it('stopped on the one and started on the other, it has lost and doubled nothing', async () => {
    const before = await start(await nats())
    await openStock(before)
    load = new Load(hosts)
    await load.more(400)
    await stop(before)
    await pause(50)
    const after = await start(kafka())
    await load.more(400)
    await load.stop()
    expect(await standing(after)).toEqual(load.expected())
    // The topic was filled again from the log: it holds everything, from the first event on.
    const relay = after.host.relays().find((it) => it.context === 'Ordering')
    expect(relay?.state).toBe('publishing')
    expect(relay?.published).toBeGreaterThanOrEqual(load.taken)
    expect(await rebuilt()).toEqual(load.expected().sold)
  })

  it('moved process by process, and once back, it has lost and doubled nothing', async () => {
    const [first, second] = [await start(await nats()), await start(await nats())]
    await openStock(first)
    load = new Load(hosts)
    await load.more(200)
    await stop(first)
    const third = await start(kafka())
    // One on each: where nothing is published nothing is heard, and the process on the other broker does the work of both.
    await load.more(200)
    await stop(second)
    const fourth = await start(await nats())
    await load.more(200)
    await stop(fourth)
    const fifth = await start(kafka())
    await load.more(200)
    await stop(third)
    await load.stop()
    expect(await standing(fifth)).toEqual(load.expected())
    expect(await rebuilt()).toEqual(load.expected().sold)
  })

  /** What the view of another release makes of the log, without any broker. */
  async function rebuilt(): Promise<unknown> {
    const again = await running(shopWith('SumsAgain'), database.open())
    hosts.push(again)
    await again.host.settled()
    return again.query('Sales.sold', {})
  }
})

const nats = (): Promise<Transport> => openNats(urlOf('DURE_TEST_NATS_URL'))
const kafka = (): Transport => visitKafka(urlOf('DURE_TEST_KAFKA_URL'))

async function openStock(it: Driver): Promise<void> {
  for (const id of products) await it.command('Inventory.openStock', { product: id, quantity: stock })
}

/** What the view and the stock say once everything has been heard. */
async function standing(it: Driver): Promise<{ readonly sold: unknown; readonly free: readonly number[] }> {
  await it.host.settled()
  expect(it.host.status().every(({ parked }) => parked === 0)).toBe(true)
  const free = products.map(async (id) => {
    const found = await it.query('Inventory.stockOf', { product: id })
    return (found as { free: number }).free
  })
  return { sold: await it.query('Sales.sold', {}), free: await Promise.all(free) }
}

function urlOf(variable: string): string {
  const url = process.env[variable]
  assert.ok(url, `${variable} is not set: npm run services -- up`)
  return url
}
