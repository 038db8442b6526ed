import { catalog } from '@shop/catalog/context'
import { customers } from '@shop/customers/context'
import { Inventory } from '@shop/inventory/contract'
import { ordering } from '@shop/ordering/context'
import { context, everyone, system, type System } from 'dure'
import { createHost, systemWorld, type CommandReply, type Host } from 'dure/host'
import { memoryStorage } from 'dure/memory'
import type { Storage } from 'dure/ports'
import { expect, test } from 'vitest'
import { publications } from '../contexts/inventory/app/publications.ts'
import { Stock } from '../contexts/inventory/domain/stock.ts'
import { shop } from '../src/system.ts'

// Inventory with nobody at work: it hears of nothing.
const asleep = context(Inventory, [Stock]).implements({
  commands: { receiveStock: Stock.commands.receive },
  events: publications,
  queries: { stock: () => [], stockById: () => undefined },
  allow: { commands: { receiveStock: everyone }, queries: { stock: everyone, stockById: everyone } },
})
const half = system('Shop', { contexts: [customers, catalog, ordering, asleep], map: shop.map })

test('a product cannot be ordered before Inventory has heard of it, however long that takes', async () => {
  const storage = memoryStorage()
  const before = await started(half, storage)
  const address = { zipcode: '04524', addr1: 'Sejong-daero 110' }
  const customer = await before.tell('Customers', 'registerCustomer', { name: 'Lee Jun', address })
  const listPrice = { amount: 1_500, currency: 'KRW' }
  const pen = await before.tell('Catalog', 'listProduct', { name: 'Pen', listPrice, description: '' })
  const order = { customer: idOf(customer), lines: [{ product: idOf(pen), quantity: 1 }] }
  expect(await before.tell('Ordering', 'placeOrder', order)).toMatchObject({ ok: false, rejected: 'NotSold' })
  await before.host.close()

  const after = await started(shop, storage)
  await after.tell('Inventory', 'receiveStock', { id: idOf(pen), quantity: 1 })
  expect(await after.tell('Ordering', 'placeOrder', order)).toMatchObject({ ok: true })
  expect(after.errors).toEqual([])
  await after.host.close()
})

function idOf(reply: CommandReply): string {
  if (!reply.ok) throw new Error(reply.rejected)
  return reply.id
}

async function started(parts: System, storage: Storage) {
  const errors: string[] = []
  const kept: Storage = { ...storage, close: () => Promise.resolve() }
  const log = (level: string, message: string) => void (level === 'error' && errors.push(message))
  const host: Host = await createHost(parts, { storage: kept, log })
  await host.settled()
  return {
    host,
    errors,
    /** Sends a command, and waits for all that follows from it. */
    async tell(context: string, command: string, input: object): Promise<CommandReply> {
      const id = systemWorld.newId()
      const envelope = { id, actor: 'test', tenant: '', trusted: true, correlation: id }
      const reply = await host.application.command({ context, command, input, envelope })
      await host.settled()
      return reply
    },
  }
}
