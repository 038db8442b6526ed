import { Catalog } from '@shop/catalog/contract'
import { Customers } from '@shop/customers/contract'
import { Inventory } from '@shop/inventory/contract'
import type { Host } from 'dure/host'
import { customers, goods } from './sample-goods.ts'

/**
 * Fills a new shop by the commands that anybody could send. Each has an idempotency key, so a run that was cut
 * short is simply run again. Products are never removed: once all are there nothing is left to do, for ever.
 */
export async function sampleData(host: Host): Promise<void> {
  const shop = host.client({ actor: 'sample data', trusted: true })
  if ((await shop.ask(Catalog.queries.products, {})).length >= goods.length) return
  for (const { key, ...customer } of customers) {
    await shop.insist(Customers.commands.registerCustomer, customer, { key: `sample-${key}` })
  }
  const listed = []
  for (const { key, won, inStock, ...product } of goods) {
    const listPrice = { amount: won, currency: 'KRW' } as const
    const input = { ...product, listPrice }
    const { id } = await shop.insist(Catalog.commands.listProduct, input, { key: `sample-${key}` })
    listed.push({ key: `sample-${key}`, input: { id, quantity: inStock } })
  }
  await host.settled() // a policy opens the stock of each
  for (const { key, input } of listed) await shop.insist(Inventory.commands.receiveStock, input, { key })
}
