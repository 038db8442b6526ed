import { Catalog } from '@shop/catalog/contract'
import { Customers } from '@shop/customers/contract'
import { Inventory } from '@shop/inventory/contract'
import { Ordering } from '@shop/ordering/contract'
import { isDureError, type Id } from 'dure'
import { createHost, type Client, type Host } from 'dure/host'
import { memoryStorage } from 'dure/memory'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sampleData } from '../src/sample-data.ts'
import { shop } from '../src/system.ts'

// Who may do what in the shop: visitors, customers, clerks.

let host: Host
let clerk: Client
let visitor: Client
let customers: readonly Id<'Customer'>[]
let chair: Id<'Product'>
beforeAll(async () => {
  host = await createHost(shop, { storage: memoryStorage() })
  await sampleData(host)
  await host.settled()
  clerk = host.client({ actor: 'seo', roles: ['clerk'] })
  visitor = host.client({ actor: 'anonymous' })
  customers = (await clerk.ask(Customers.queries.customers, {})).map((it) => it.id)
  const goods = await visitor.ask(Catalog.queries.products, {})
  chair = goods.find((it) => it.name.includes('Chair'))?.id as Id<'Product'>
})
afterAll(() => host.close())

async function codeOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => 'done',
    (error: unknown) => (isDureError(error) ? error.code : error),
  )
}

const one = (): Id<'Customer'> => customers[0] as Id<'Customer'>
const other = (): Id<'Customer'> => customers[1] as Id<'Customer'>
const order = (customer: Id<'Customer'>) => ({ customer, lines: [{ product: chair, quantity: 1 }] })

test('visitors look at the catalogue and register, and that is all', async () => {
  const address = { zipcode: '04524', addr1: 'Sejong-daero 110' }
  const registering = visitor.tell(Customers.commands.registerCustomer, { name: 'New', address })
  expect(await registering).toMatchObject({ ok: true })
  expect(await codeOf(visitor.tell(Ordering.commands.placeOrder, order(one())))).toBe('DURE_UNAUTHENTICATED')
  expect(await codeOf(visitor.ask(Customers.queries.customers, {}))).toBe('DURE_UNAUTHENTICATED')
  expect(await codeOf(visitor.ask(Inventory.queries.stock, {}))).toBe('DURE_UNAUTHENTICATED')
})

test('customers order for themselves, and see and cancel what is theirs', async () => {
  const mine = host.client({ actor: one() })
  const foreign = host.client({ actor: other() })
  const { id } = await mine.insist(Ordering.commands.placeOrder, order(one()))
  const placed = { id: id as Id<'Order'> }
  await host.settled()
  expect(await codeOf(foreign.tell(Ordering.commands.placeOrder, order(one())))).toBe('DURE_FORBIDDEN')
  expect(await mine.ask(Ordering.queries.orderById, placed)).toMatchObject({ customer: one() })
  expect(await codeOf(foreign.ask(Ordering.queries.orderById, placed))).toBe('DURE_QUERY_NOTHING')
  expect(await mine.ask(Ordering.queries.orders, { customer: one() })).toMatchObject([placed])
  expect(await codeOf(mine.ask(Ordering.queries.orders, {}))).toBe('DURE_FORBIDDEN')
  expect(await codeOf(mine.tell(Ordering.commands.approveOrder, placed))).toBe('DURE_FORBIDDEN')
  expect(await codeOf(foreign.tell(Ordering.commands.cancelOrder, placed))).toBe('DURE_AGGREGATE_NOT_FOUND')
  expect(await mine.tell(Ordering.commands.cancelOrder, placed)).toMatchObject({ ok: true })
})

test('clerks do what the shop does, and policies what follows', async () => {
  const { id } = await clerk.insist(Ordering.commands.placeOrder, order(one()))
  const placed = { id: id as Id<'Order'> }
  await host.settled()
  expect(await clerk.ask(Ordering.queries.orderById, placed)).toMatchObject({ status: 'reserved' })
  expect(await clerk.tell(Ordering.commands.approveOrder, placed)).toMatchObject({ ok: true })
  expect(await codeOf(host.client({ actor: one() }).ask(Inventory.queries.stock, {}))).toBe('DURE_FORBIDDEN')
  expect(await clerk.ask(Inventory.queries.stock, {})).not.toHaveLength(0)
})
