import { setTimeout } from 'node:timers/promises'
import { systemWorld, type Application, type CommandReply } from 'dure/host'
import { customers, goods } from './sample-goods.ts'

/**
 * Fills a new shop by the commands that anybody could send. Each has an idempotency key, so a run that was cut
 * short is simply run again. Products are never removed: once all are there nothing is left to do, for ever.
 */
export async function sampleData(application: Application): Promise<void> {
  if (await isFilled(application)) return
  for (const { key, ...customer } of customers) {
    await send(application, 'Customers', 'registerCustomer', customer, key)
  }
  for (const { key, won, inStock, ...product } of goods) {
    const listPrice = { amount: won, currency: 'KRW' }
    const { id } = await send(application, 'Catalog', 'listProduct', { ...product, listPrice }, key)
    await stockOpened(application, id)
    await send(application, 'Inventory', 'receiveStock', { id, quantity: inStock }, key)
  }
}

async function isFilled(application: Application): Promise<boolean> {
  return (await rows(application, 'Catalog', 'products')).length >= goods.length
}

/** A policy opens it, a moment after the product was listed. */
async function stockOpened(application: Application, id: string): Promise<void> {
  for (let left = 200; left > 0; left--) {
    if ((await rows(application, 'Inventory', 'stock')).some((it) => it.id === id)) return
    await setTimeout(25)
  }
  throw new Error(`sample data: no stock was opened for the product ${id}`)
}

async function rows(
  application: Application,
  context: string,
  query: string,
): Promise<readonly { readonly id: string }[]> {
  const answer = await application.query({ context, query, input: {}, actor: 'sample data', tenant: '' })
  return answer as unknown as readonly { readonly id: string }[]
}

async function send(
  application: Application,
  context: string,
  command: string,
  input: object,
  key: string,
): Promise<CommandReply & { ok: true }> {
  const id = systemWorld.newId()
  const envelope = { id, actor: 'sample data', tenant: '', key: `sample-${key}`, correlation: id }
  const reply = await application.command({ context, command, input, envelope })
  if (!reply.ok) throw new Error(`sample data: ${command} of ${key} was rejected: ${reply.rejected}`)
  return reply
}
