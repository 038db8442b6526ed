import { setTimeout } from 'node:timers/promises'
import { isDureError } from 'dure'
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
    // The stock is opened by a policy that hears of the product, a moment later.
    await soon(() => send(application, 'Inventory', 'receiveStock', { id, quantity: inStock }, key))
  }
}

async function isFilled(application: Application): Promise<boolean> {
  const query = { context: 'Catalog', query: 'products', input: {}, actor: 'sample data', tenant: '' }
  const answer = await application.query(query)
  return Array.isArray(answer) && answer.length >= goods.length
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

async function soon<T>(attempt: () => Promise<T>): Promise<T> {
  for (let left = 200; ; left--) {
    try {
      return await attempt()
    } catch (error) {
      if (left === 0 || !isDureError(error, 'DURE_AGGREGATE_NOT_FOUND')) throw error
      await setTimeout(25)
    }
  }
}
