import { describe, expect, it, onTestFinished } from 'vitest'
import { keptOpen, running } from '../../../test/fixtures/running.ts'
import { shop } from '../../../test/fixtures/shop.ts'
import { createHost, type HostOptions } from '../../host/create-host.ts'
import { memoryStorage, memoryTransport } from '../../adapters/memory/index.ts'
import type { StoredEvent } from '../../ports/event-store.ts'
import type { Storage } from '../../ports/store.ts'
import type { Transport } from '../../ports/transport.ts'
import { gatherStatus, type SystemStatus } from './gather.ts'
import { statusText } from './told.ts'

const placing = {
  customer: 'c1',
  lines: [{ lineId: '1', product: 'p1', quantity: 1, price: { amount: 10, currency: 'KRW' } }],
  shipTo: { zipcode: '04524', addr1: 'Sejong-daero' },
}
const reserving = 'policy:reserve stock when an order is placed'

const look = (storage: Storage, transport?: Transport): Promise<SystemStatus> =>
  gatherStatus(shop, storage, transport, () => new Date())
const contextIn = (it: SystemStatus, name: string) => it.contexts.find(({ context }) => context === name)
const consumersIn = (it: SystemStatus) => it.contexts.flatMap(({ consumers }) => consumers)

/** A shop that has sold three times, and runs on. */
async function sold() {
  const storage = keptOpen(memoryStorage())
  const transport = memoryTransport()
  const it = await running(shop, storage, [], { ...transport, close: async () => undefined })
  onTestFinished(() => it.host.close())
  await it.command('Inventory.openStock', { product: 'p1', quantity: 100 })
  for (let i = 0; i < 3; i++) await it.command('Ordering.placeOrder', placing)
  await it.host.settled()
  return { storage, transport, it }
}

/** Puts the first event of Ordering into another stream, `times` times: nobody who runs hears of it. */
async function place(storage: Storage, times: number): Promise<void> {
  const store = await storage.openContext('Ordering')
  const [event] = (await store.openLog(0).next(1)) as [StoredEvent]
  const { type, schema, data, meta, stream } = event
  for (let i = 0; i < times; i++) {
    const other = { ...stream, id: `${stream.id}-${i}` }
    const append = { stream: other, expected: 0, events: [{ type, schema, data }], ends: false }
    await store.commit({ at: new Date(Date.now() - 90_000), meta, appends: [append] })
  }
}

const plain = (...[, text]: [unknown, string]): string => text
const plainText = async (storage: Storage): Promise<string> => statusText(await look(storage), plain)

describe('the status of a system', () => {
  it('tells which processes run what, and forgets those that have stopped', async () => {
    const storage = keptOpen(memoryStorage())
    const start = (pid: number, more: Partial<HostOptions>) =>
      createHost(shop, { storage, process: { host: 'pod', pid, release: '1.2' }, ...more })
    const web = await start(1, { roles: ['web'], contexts: ['Ordering'] })
    const told = async () =>
      (await look(storage)).processes.map(({ host, pid, roles, release, contexts }) => ({
        host,
        pid,
        roles,
        release,
        contexts,
      }))
    const ordering = { host: 'pod', pid: 1, roles: ['web'], release: '1.2', contexts: ['Ordering'] }
    await expect.poll(told).toEqual([ordering])
    const text = await plainText(storage)
    expect(text).toMatch(/pod 1 +Ordering +web +1\.2 +0 s/)
    expect(text).toContain('Ordering has no worker')
    expect(text).toContain('Inventory runs nowhere')
    const all = await start(2, {})
    await expect.poll(told).toHaveLength(2)
    await web.close()
    const roles = ['web', 'worker', 'batch']
    expect(await told()).toEqual([
      { host: 'pod', pid: 2, roles, release: '1.2', contexts: ['Ordering', 'Inventory'] },
    ])
    expect(await plainText(storage)).not.toContain('no worker')
    // One that was killed does not say goodbye: its word is over after some seconds, by the clock of the store.
    await (await storage.openContext('Ordering')).takeLease('process 7', '{"id":"dead","since":0}', 20)
    await expect.poll(told).toHaveLength(1)
    await all.close()
    expect(await told()).toEqual([])
  })

  it('is well where everybody has met everything, and says who publishes', async () => {
    const { storage, transport } = await sold()
    const status = await look(storage, transport)
    expect(status).toMatchObject({ system: shop.name, well: true, store: { name: 'memory', warnings: [] } })
    expect(status.broker).toEqual({ name: 'memory', error: null })
    for (const consumer of consumersIn(status)) {
      expect(consumer).toMatchObject({ state: 'ok', lag: 0, oldest: null, parked: 0, held: 0 })
    }
    expect(consumersIn(status).map((it) => it.consumer)).toContain(reserving)
    const ordering = contextIn(status, 'Ordering')
    expect(ordering).toMatchObject({ settled: 3, topic: { state: 'ok', published: 3, lag: 0, warnings: [] } })
    expect(ordering?.relay?.until.getTime()).toBeGreaterThan(Date.now())
    expect(contextIn(status, 'Inventory')).toMatchObject({ topic: null, relay: null })
  })

  it('says what has not come yet, since when, and that nobody publishes', async () => {
    const { storage, transport, it } = await sold()
    await it.host.close()
    await place(storage, 4)
    const status = await look(storage, transport)
    expect(status.well).toBe(true)
    const reserves = consumersIn(status).find((it) => it.consumer === reserving)
    expect(reserves).toMatchObject({ source: 'Ordering', state: 'behind', through: 3, lag: 4 })
    expect(reserves?.oldest?.position).toBe(4)
    const ordering = contextIn(status, 'Ordering')
    expect(ordering).toMatchObject({
      settled: 7,
      relay: null,
      topic: { state: 'behind', published: 3, lag: 4 },
    })
    const text = statusText(status, (_, it) => it)
    expect(text).toMatch(/reserve stock when an order is placed +Ordering +3 +4 +90 s +behind/)
    expect(text).toContain('published 3, lag 4, oldest 90 s\n  nobody publishes:')
  })

  it('is not well where the broker is away, and makes no topic', async () => {
    const { storage, transport } = await sold()
    const empty = memoryTransport()
    expect(contextIn(await look(storage, empty), 'Ordering')?.topic).toMatchObject({
      state: 'missing',
      lag: 3,
    })
    expect(await empty.findTopic('Shop.Ordering')).toBeUndefined()
    transport.away(true)
    const status = await look(storage, transport)
    expect(status).toMatchObject({ well: false, broker: { error: { code: 'DURE_TRANSPORT_UNAVAILABLE' } } })
    expect(statusText(status, (_, it) => it)).toContain('DURE_TRANSPORT_UNAVAILABLE The transport memory')
  })

  it('is not well where watermarks are of an unknown epoch, or a policy that is gone has parked', async () => {
    const { storage, it } = await sold()
    await it.host.close()
    const store = await storage.openContext('Inventory')
    const meta = { command: 'c', actor: 'a', correlation: 'c' }
    await store.forgetConsumer(reserving)
    const move = { consumer: reserving, source: 'Ordering', epoch: 'lost', slices: [], through: 2 }
    await store.commit({ at: new Date(), meta, appends: [], inbox: move })
    const waiting = await look(storage)
    expect(waiting).toMatchObject({ well: false, broker: null })
    expect(consumersIn(waiting).find((it) => it.consumer === reserving)).toMatchObject({
      state: 'waiting for epoch',
      through: null,
      lag: null,
    })
    await store.forgetConsumer(reserving)
    const message = { source: 'Ordering', stream: { tenant: '', aggregate: 'Order', id: '1' }, position: 1 }
    const parked = {
      ...message,
      consumer: 'policy:of old',
      code: 'DURE_PARKED_FAILED',
      reason: 'no',
      tries: 1,
    }
    await store.commit({ at: new Date(), meta, appends: [], parks: [parked] })
    const gone = await look(storage)
    expect(gone.well).toBe(false)
    expect(consumersIn(gone).at(-1)).toMatchObject({ consumer: 'policy:of old', state: 'gone', parked: 1 })
    expect(statusText(gone, (_, it) => it)).toContain('not in the model, parked 1 aggregate')
  })
})
