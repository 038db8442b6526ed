import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { memoryStorage } from 'dure/memory'
import type { Storage } from 'dure/ports'
import { shop } from '../fixtures/shop.ts'
import { keptOpen, running } from '../fixtures/running.ts'
import { overriding } from '../fixtures/overriding.ts'

/** A store whose commits with a watermark take a while, as those of a server far away do. */
function slow(storage: Storage, ms: () => number): Storage {
  return overriding(storage, (store) => ({
    async commit(unit) {
      if (unit.inbox !== undefined) await pause(ms())
      return store.commit(unit)
    },
  }))
}

const order = {
  customer: 'c1',
  lines: [{ lineId: '1', product: 'p1', quantity: 1, price: { amount: 1, currency: 'KRW' } }],
  shipTo: { zipcode: '04524', addr1: 'Sejong-daero' },
}

describe('a policy with a backlog', () => {
  it('is stopped after the message it is at, and goes on from there', { timeout: 20_000 }, async () => {
    const storage = keptOpen(memoryStorage())
    let ms = 20
    const it = await running(
      shop,
      slow(storage, () => ms),
    )
    await it.command('Inventory.openStock', { product: 'p1', quantity: 1000 })
    for (let i = 0; i < 200; i++) await it.command('Ordering.placeOrder', order)
    await pause(200)
    const began = performance.now()
    await it.host.close()
    const took = performance.now() - began
    expect(took).toBeLessThan(1000)
    ms = 0
    const after = await running(
      shop,
      slow(storage, () => ms),
    )
    await after.host.settled()
    expect(await after.query('Inventory.stockOf', { product: 'p1' })).toEqual({ free: 800 })
    await after.host.close()
  })
})
