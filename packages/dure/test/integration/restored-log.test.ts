import { describe, expect, it, vi } from 'vitest'
import { isDureError } from 'dure'
import { memoryStorage } from 'dure/memory'
import type { Storage, StoredEvent } from 'dure/ports'
import { journalled, linesOf, writer } from '../fixtures/journal.ts'
import { shop } from '../fixtures/shop.ts'
import { keptOpen, running, type Driver } from '../fixtures/running.ts'

const order = {
  customer: 'c1',
  lines: [{ lineId: '1', product: 'p1', quantity: 1, price: { amount: 1, currency: 'KRW' } }],
  shipTo: { zipcode: '04524', addr1: 'Sejong-daero' },
}
const policy = 'policy:reserve stock when an order is placed'

const messages = (it: Driver): readonly string[] => it.log.map(([level, message]) => `${level} ${message}`)
const free = (it: Driver) => it.query('Inventory.stockOf', { product: 'p1' })

async function logOf(storage: Storage, context: string): Promise<readonly StoredEvent[]> {
  return (await storage.openContext(context)).openLog(0).next(1000)
}

/** A copy of a context's log up to a position, put back as another storage; its watermarks and views are not in it. */
async function putBack(from: Storage, context: string, upTo: number, to: Storage): Promise<void> {
  const store = await to.openContext(context)
  for (const { stream, version, type, schema, data, meta, at, position } of await logOf(from, context)) {
    if (position > upTo) break
    const append = { stream, expected: version - 1, events: [{ type, schema, data }], ends: false }
    await store.commit({ at, meta, appends: [append] })
  }
  await to.migration(context).restored()
}

/** One storage for a context, another for all others. */
function beside(context: string, one: Storage, others: Storage): Storage {
  return {
    ...others,
    openContext: async (name, ...rest) => (name === context ? one : others).openContext(name, ...rest),
    migration: (name, ...rest) => (name === context ? one : others).migration(name, ...rest),
    close: async () => undefined,
  }
}

async function ordered(storage: Storage, orders: number): Promise<void> {
  const it = await running(shop, storage)
  await it.command('Inventory.openStock', { product: 'p1', quantity: 10 })
  for (let i = 0; i < orders; i++) await it.command('Ordering.placeOrder', order)
  await it.host.settled()
  expect(await free(it)).toEqual({ free: 10 - orders })
  await it.host.close()
}

describe('a log that was restored', () => {
  it('with all that was handled: everybody goes on', async () => {
    const storage = keptOpen(memoryStorage())
    await ordered(storage, 3)
    await storage.migration('Ordering').restored()
    await storage.migration('Inventory').restored()
    const it = await running(shop, storage)
    await it.command('Ordering.placeOrder', order)
    await it.host.settled()
    expect(await free(it)).toEqual({ free: 6 })
    expect(await it.query('Ordering.orders', { status: 'pending' })).toHaveLength(4)
    expect(new Set(messages(it))).toEqual(new Set(['info log restored, going on']))
    await it.host.close()
    const again = await running(shop, storage)
    await again.host.settled()
    expect(again.log).toEqual([])
    await again.host.close()
  })

  it('without some of what was handled: a policy goes back to what is left, and says so once', async () => {
    const storage = keptOpen(memoryStorage({ newEpoch: () => 'first' }))
    await ordered(storage, 3)
    const epochs = ['first', 'second']
    const copy = keptOpen(memoryStorage({ newEpoch: () => epochs.shift() as string }))
    await putBack(storage, 'Ordering', 2, copy)
    const after = beside('Ordering', copy, storage)
    const it = await running(shop, after)
    await it.host.settled()
    const lost = it.log.filter(([, message]) => message === 'log restored without events that were handled')
    expect(
      lost.map(([level, , { positions, after: left, epoch }]) => [level, positions, left, epoch]),
    ).toEqual([['warn', 1, 2, 'second']])
    // Its effect stands: it is the event that is gone. A new one at the same position is another event.
    expect(await free(it)).toEqual({ free: 7 })
    await it.command('Ordering.placeOrder', order)
    await it.host.settled()
    expect(await free(it)).toEqual({ free: 6 })
    const again = await running(shop, after)
    await again.host.settled()
    expect(again.log).toEqual([])
    expect(await free(again)).toEqual({ free: 6 })
    await it.host.close()
    await again.host.close()
  })

  it('without some of what a view has: it is built anew', async () => {
    const storage = keptOpen(memoryStorage({ newEpoch: () => 'first' }))
    await ordered(storage, 3)
    const epochs = ['first', 'second']
    const copy = keptOpen(memoryStorage({ newEpoch: () => epochs.shift() as string }))
    await putBack(storage, 'Ordering', 2, copy)
    const [from, to] = [await storage.openContext('Ordering'), await copy.openContext('Ordering')]
    // The database came back older, its views by another way newer: as a store may keep them apart.
    const mixed: Storage = {
      ...beside('Ordering', copy, storage),
      async openContext(name, ...rest) {
        if (name !== 'Ordering') return storage.openContext(name, ...rest)
        const views = ['readInbox', 'readRows', 'queryRows', 'forgetConsumer', 'adoptEpoch']
        return new Proxy(to, {
          get(target, key) {
            const of = views.includes(key as string) ? from : target
            if (key === 'commit') {
              return async (unit: Parameters<typeof to.commit>[0]) =>
                (unit.appends.length > 0 ? to : from).commit(unit)
            }
            const value = Reflect.get(of, key, of) as unknown
            return typeof value === 'function' ? (value.bind(of) as unknown) : value
          },
        })
      },
    }
    const it = await running(shop, mixed)
    await it.host.settled()
    expect(messages(it)).toContain('warn log restored, building view anew')
    expect(await it.query('Ordering.orders', { status: 'pending' })).toHaveLength(2)
    await it.host.close()
  })

  it('at run time: the consumers follow without a restart', async () => {
    const storage = keptOpen(memoryStorage())
    const it = await running(
      journalled((line) => line),
      storage,
    )
    for (const id of ['a']) await it.command('Shop.start', { id })
    await it.command('Shop.begin', { id: 'j' })
    await it.command('Shop.count', { id: 'a', by: 1 })
    await it.host.settled()
    await storage.migration('Shop').restored()
    await it.command('Shop.count', { id: 'a', by: 2 })
    await vi.waitFor(async () => expect(await linesOf(it.host)).toEqual(['a 1', 'a 2']), 5000)
    const store = await storage.openContext('Shop')
    await it.command('Shop.count', { id: 'a', by: 3 })
    await it.host.settled()
    expect((await store.readInbox(writer, 'Shop')).epoch).toBe(store.epoch)
    expect(await linesOf(it.host)).toEqual(['a 1', 'a 2', 'a 3'])
    expect(messages(it).filter((line) => !line.startsWith('info'))).toEqual([])
    await it.host.close()
  })

  it('in a way that nobody knows: a policy waits, with a state, and goes on once its watermarks fit', async () => {
    const storage = keptOpen(memoryStorage({ newEpoch: () => 'first' }))
    await ordered(storage, 2)
    const other = keptOpen(memoryStorage({ newEpoch: () => 'other' }))
    await putBack(storage, 'Ordering', 2, other)
    const it = await running(shop, beside('Ordering', other, storage))
    await it.command('Ordering.placeOrder', order)
    await vi.waitFor(() =>
      expect(it.log.some(([, , { error }]) => isDureError(error, 'DURE_CONSUMER_EPOCH'))).toBe(true),
    )
    const store = await storage.openContext('Inventory')
    expect((await store.readInbox(policy, 'Ordering')).epoch).toBe('first')
    expect(await free(it)).toEqual({ free: 8 })
    // What the hint says: the watermarks are of this log after all.
    const { epoch: to } = await other.openContext('Ordering')
    await store.adoptEpoch({ consumer: policy, source: 'Ordering', from: 'first', to, clampTo: 2 })
    await vi.waitFor(async () => expect(await free(it)).toEqual({ free: 7 }), 8000)
    await it.host.close()
  })
})
