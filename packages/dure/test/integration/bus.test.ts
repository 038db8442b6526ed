import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { memoryStorage, memoryTransport } from 'dure/memory'
import type { Transport } from 'dure/ports'
import { shop } from '../fixtures/shop.ts'
import { keptOpen, running, type Driver } from '../fixtures/running.ts'
import { seeded } from '../fixtures/faulty-storage.ts'
import { unreliable } from '../fixtures/unreliable-transport.ts'

const placing = (quantity: number, price = 10) => ({
  customer: 'c1',
  lines: [{ lineId: '1', product: 'p1', quantity, price: { amount: price, currency: 'KRW' } }],
  shipTo: { zipcode: '04524', addr1: 'Sejong-daero' },
})
const openStock = (it: Driver, quantity: number) =>
  it.command('Inventory.openStock', { product: 'p1', quantity })
const free = (it: Driver) => it.query('Inventory.stockOf', { product: 'p1' })
const place = (it: Driver, times: number) =>
  Promise.all(Array.from({ length: times }, () => it.command('Ordering.placeOrder', placing(1))))

describe('a system over a bus', () => {
  it('carries events to the other context', async () => {
    const transport = memoryTransport()
    const it = await running(shop, memoryStorage(), [], transport)
    await openStock(it, 100)
    await place(it, 30)
    await it.host.settled()
    expect(await free(it)).toEqual({ free: 70 })
    expect(it.host.relays()).toMatchObject([
      { context: 'Ordering', state: 'publishing', published: 30, mark: 30 },
    ])
    await it.host.close()
  })

  it('goes on after the broker was wiped, and loses nothing', async () => {
    const transport = memoryTransport()
    const it = await running(shop, memoryStorage(), [], transport)
    await openStock(it, 100)
    for (let i = 0; i < 10; i++) {
      await place(it, 3)
      transport.wipe()
      await pause(5)
    }
    await it.host.settled()
    expect(await free(it)).toEqual({ free: 70 })
    await it.host.close()
  })

  it('waits for a broker that is away', async () => {
    const transport = memoryTransport()
    const it = await running(shop, memoryStorage(), [], transport)
    await openStock(it, 100)
    transport.away(true)
    await place(it, 30)
    await pause(300)
    expect(it.host.relays()).toMatchObject([
      { state: 'failing', error: { code: 'DURE_TRANSPORT_UNAVAILABLE' } },
    ])
    expect(await free(it)).toEqual({ free: 100 })
    transport.away(false)
    await it.host.settled()
    expect(await free(it)).toEqual({ free: 70 })
    await it.host.close()
  })

  it.each([1, 2, 3, 4, 5])(
    'is not confused by what is lost, repeated and out of order, seed %i',
    async (seed) => {
      const transport = unreliable(memoryTransport({ keep: 50 }), seeded(seed))
      const it = await running(shop, memoryStorage(), [], transport)
      await openStock(it, 1000)
      for (let i = 0; i < 60; i++) {
        await place(it, 1 + (i % 4))
        if (i % 10 === 0) await pause(20)
      }
      await it.host.settled()
      expect(await free(it)).toEqual({ free: 850 })
      expect(it.host.status().map(({ parked }) => parked)).toEqual([0, 0])
      await it.host.close()
    },
  )

  it('is read on from where it was, also by a process that comes later', async () => {
    const [storage, transport] = [memoryStorage(), keptThere(memoryTransport({ keep: 5 }))]
    const first = await running(shop, keptOpen(storage), [], transport)
    await openStock(first, 100)
    await place(first, 10)
    await first.host.settled()
    await first.host.close()
    const second = await running(shop, keptOpen(storage), [], transport)
    await place(second, 20)
    const third = await running(shop, keptOpen(storage), [], transport)
    await second.host.settled()
    await third.host.settled()
    expect(await free(third)).toEqual({ free: 70 })
    await Promise.all([second.host.close(), third.host.close()])
  })

  it('is published by one process at a time, and by another when that one is gone', async () => {
    const [storage, transport] = [memoryStorage(), keptThere(memoryTransport())]
    const first = await running(shop, keptOpen(storage), [], transport)
    await openStock(first, 100)
    await first.host.settled()
    const second = await running(shop, keptOpen(storage), [], transport)
    await place(first, 10)
    await first.host.settled()
    expect([...first.host.relays(), ...second.host.relays()].map(({ state }) => state)).toEqual([
      'publishing',
      'standby',
    ])
    await first.host.close()
    await place(second, 10)
    await second.host.settled()
    expect(await free(second)).toEqual({ free: 80 })
    expect(second.host.relays()).toMatchObject([{ state: 'publishing', published: 20 }])
    await second.host.close()
  })

  it('carries an event that is larger than the broker takes', async () => {
    const it = await running(shop, memoryStorage(), [], memoryTransport({ maxBytes: 2000 }))
    await openStock(it, 1000)
    const line = placing(1).lines[0]
    const lines = Array.from({ length: 50 }, (_, i) => ({ ...line, lineId: String(i) }))
    expect(await it.command('Ordering.placeOrder', { ...placing(1), lines })).toMatchObject({ ok: true })
    await place(it, 3)
    await it.host.settled()
    expect(await free(it)).toEqual({ free: 947 })
    await it.host.close()
  })
})

/** A transport that outlives the hosts that close it. */
function keptThere(transport: Transport): Transport {
  return { ...transport, close: async () => undefined }
}
