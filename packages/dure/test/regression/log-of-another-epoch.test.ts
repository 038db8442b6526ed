import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { isDureError } from 'dure'
import { memoryStorage } from 'dure/memory'
import type { Storage } from 'dure/ports'
import { shop } from '../fixtures/shop.ts'
import { keptOpen, running } from '../fixtures/running.ts'

let reads = 0

/** The log after a restore: the same events, another epoch. */
function restored(storage: Storage): Storage {
  return {
    ...storage,
    async openContext(context) {
      const store = await storage.openContext(context)
      return new Proxy(store, {
        get(target, name) {
          if (name === 'epoch') return 'restored'
          if (name === 'epochs') return [{ epoch: 'restored', began: 0 }]
          if (name === 'readInbox') reads++
          const value = Reflect.get(target, name, target) as unknown
          return typeof value === 'function' ? (value.bind(target) as unknown) : value
        },
      })
    },
  }
}

describe('a consumer whose watermarks are of another epoch', () => {
  it('says so and waits where it is a policy, and begins anew where it is a view', async () => {
    const storage = keptOpen(memoryStorage())
    const before = await running(shop, storage)
    await before.command('Inventory.openStock', { product: 'p1', quantity: 1 })
    const order = {
      customer: 'c1',
      lines: [{ lineId: '1', product: 'p1', quantity: 1, price: { amount: 1, currency: 'KRW' } }],
      shipTo: { zipcode: '04524', addr1: 'Sejong-daero' },
    }
    await before.command('Ordering.placeOrder', order)
    await before.host.settled()
    await before.host.close()
    const after = await running(shop, restored(storage))
    await after.command('Ordering.placeOrder', order)
    reads = 0
    await pause(500)
    expect(reads).toBeLessThan(20)
    const said = after.log.map(([, message, { error }]) => [message, isDureError(error) ? error.code : ''])
    expect(said).toContainEqual(['log restored, building view anew', ''])
    expect(said).toContainEqual(['consumer failed, trying again', 'DURE_CONSUMER_EPOCH'])
    expect(await after.query('Ordering.orders', { status: 'pending' })).toHaveLength(2)
    expect(await after.query('Inventory.stockOf', { product: 'p1' })).toEqual({ free: 0 })
    await after.host.close()
  })
})
