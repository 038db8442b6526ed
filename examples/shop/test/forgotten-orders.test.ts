import { Customers } from '@shop/customers/contract'
import { Catalog } from '@shop/catalog/contract'
import { Inventory } from '@shop/inventory/contract'
import { Ordering } from '@shop/ordering/contract'
import { createHost } from 'dure/host'
import { memoryStorage } from 'dure/memory'
import { testWorld } from 'dure/testing'
import { expect, test } from 'vitest'
import { persistence } from '../src/persistence.ts'
import { sampleData } from '../src/sample-data.ts'
import { shop } from '../src/system.ts'

const day = 86_400_000

test('an order that nobody decides gives its goods back after two weeks, one that is decided does not', async () => {
  const world = testWorld({ now: '2026-03-02T09:00:00+09:00' })
  const storage = memoryStorage({ now: () => world.now().getTime() })
  await using host = await createHost(shop, { storage, persistence, world })
  await sampleData(host)
  await host.settled()
  const clerk = host.client({ actor: 'clerk', trusted: true })
  const [customer] = await clerk.ask(Customers.queries.customers, {})
  const chair = (await clerk.ask(Catalog.queries.products, {})).find(({ name }) => name.includes('Chair'))
  const place = async (): Promise<string> => {
    const lines = [{ product: chair?.id as never, quantity: 1 }]
    const { id } = await clerk.insist(Ordering.commands.placeOrder, {
      customer: customer?.id as never,
      lines,
    })
    await host.settled()
    return id
  }
  const [forgotten, decided] = [await place(), await place()]
  const statusOf = async (id: string) => (await clerk.ask(Ordering.queries.orderById, { id })).status
  const reserved = async () =>
    (await clerk.ask(Inventory.queries.stock, {})).find(({ name }) => name.includes('Chair'))?.reserved

  for (let i = 0; i < 14; i++) {
    world.advance(day)
    await host.settled()
  }
  expect([await statusOf(forgotten), await statusOf(decided), await reserved()]).toEqual([
    'reserved',
    'reserved',
    2,
  ])
  await clerk.insist(Ordering.commands.approveOrder, { id: decided })
  world.advance(day)
  await host.settled()
  expect([await statusOf(forgotten), await statusOf(decided), await reserved()]).toEqual([
    'rejected',
    'approved',
    0,
  ])
  expect(await host.jobs()).toMatchObject([
    {
      name: 'reject orders that nobody has decided in two weeks',
      state: 'idle',
      last: { state: 'done', done: 1 },
    },
  ])
})
