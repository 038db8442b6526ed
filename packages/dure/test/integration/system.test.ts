import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { memoryStorage } from 'dure/memory'
import { asState } from 'dure/persistence'
import { eachWay } from '../fixtures/each-way.ts'
import { Order } from '../fixtures/ordering.ts'
import { shop, Stock } from '../fixtures/shop.ts'
import { faultyStorage, seeded } from '../fixtures/faulty-storage.ts'
import { codeOf, keptOpen, running, type Driver } from '../fixtures/running.ts'

const placing = (quantity: number, price = 10) => ({
  customer: 'c1',
  lines: [{ lineId: '1', product: 'p1', quantity, price: { amount: price, currency: 'KRW' } }],
  shipTo: { zipcode: '04524', addr1: 'Sejong-daero' },
})
const openStock = (it: Driver, quantity: number) =>
  it.command('Inventory.openStock', { product: 'p1', quantity })
const free = (it: Driver) => it.query('Inventory.stockOf', { product: 'p1' })

eachWay('a running system', ({ open, keeping }) => {
  const kept = keeping(Order, Stock)

  it('carries a command to the view and to the other context', async () => {
    const it = await running(shop, open(), kept)
    await openStock(it, 5)
    const placed = await it.command('Ordering.placeOrder', placing(3), { key: 'k1' })
    expect(placed).toMatchObject({ ok: true, version: 1, created: true, events: [{ type: 'OrderPlaced' }] })
    if (!placed.ok) return
    const row = await it.query('Ordering.orderById', { id: placed.id }, placed.token)
    expect(row).toEqual({ id: placed.id, status: 'pending', total: 30 })
    await it.host.settled()
    expect(await free(it)).toEqual({ free: 2 })
    expect(it.log).toEqual([])
    await it.host.close()
  })

  it('answers a repeated key with the stored reply, and refuses it for another request', async () => {
    const it = await running(shop, open(), kept)
    const [a, b] = await Promise.all([
      it.command('Ordering.placeOrder', placing(3), { key: 'k1' }),
      it.command('Ordering.placeOrder', placing(3), { key: 'k1' }),
    ])
    expect(a).toEqual(b)
    expect(await it.command('Ordering.placeOrder', placing(3), { key: 'k1' })).toEqual(a)
    expect(await codeOf(it.command('Ordering.placeOrder', placing(4), { key: 'k1' }))).toBe('DURE_KEY_REUSED')
    const no = await it.command('Ordering.placeOrder', placing(3, 1_000_000), { key: 'k2' })
    expect(no).toEqual({
      ok: false,
      rejected: 'TooExpensive',
      data: { total: { amount: 3_000_000, currency: 'KRW' } },
    })
    expect(await it.command('Ordering.placeOrder', placing(3, 1_000_000), { key: 'k2' })).toEqual(no)
    await it.host.close()
  })

  it('says what is wrong with a command, and stores nothing', async () => {
    const it = await running(shop, open(), kept)
    const placed = await it.command('Ordering.placeOrder', placing(1))
    if (!placed.ok) throw new Error('not placed')
    const { id } = placed
    const stale = it.command('Ordering.approveOrder', { id }, { expectedVersion: 7 })
    expect(await codeOf(stale)).toBe('DURE_VERSION_STALE')
    expect(await codeOf(it.command('Ordering.approveOrder', { id: 'nobody' }))).toBe(
      'DURE_AGGREGATE_NOT_FOUND',
    )
    expect(await codeOf(it.command('Ordering.approveOrder', { id, more: 1 }))).toBe('DURE_COMMAND_INVALID')
    expect(await codeOf(it.command('Ordering.nothing', {}))).toBe('DURE_COMMAND_UNKNOWN')
    expect(await codeOf(it.command('Nowhere.nothing', {}))).toBe('DURE_COMMAND_UNKNOWN')
    const late = it.command('Ordering.approveOrder', { id }, { deadline: new Date(0) })
    expect(await codeOf(late)).toBe('DURE_DEADLINE')
    expect(await it.command('Ordering.approveOrder', { id })).toMatchObject({ ok: true, version: 2 })
    expect(await it.command('Ordering.rejectOrder', { id, because: 'x' })).toMatchObject({
      ok: false,
      rejected: 'AlreadyDecided',
      data: { status: 'approved' },
    })
    expect(await it.command('Ordering.eraseOrder', { id })).toMatchObject({ ok: true, version: 3 })
    expect(await codeOf(it.command('Ordering.approveOrder', { id }))).toBe('DURE_AGGREGATE_ENDED')
    await it.host.settled()
    expect(await codeOf(it.query('Ordering.orderById', { id }))).toBe('DURE_QUERY_NOTHING')
    await it.host.close()
  })

  it('asks the rejected handler of a policy', async () => {
    const it = await running(shop, open(), kept)
    await openStock(it, 2)
    await it.command('Ordering.placeOrder', placing(3))
    await it.host.settled()
    expect(await free(it)).toEqual({ free: 2 })
    expect(it.log).toEqual([])
    await it.host.close()
  })

  it('parks what a policy cannot handle, and only that', async () => {
    const storage = keptOpen(open())
    const before = await running(shop, storage, kept)
    const lost = { ...placing(1).lines[0], product: 'p9' } // nobody opens its stock: the policy has nobody to tell
    await before.command('Ordering.placeOrder', { ...placing(1), lines: [lost] })
    await openStock(before, 5)
    await before.host.settled()
    expect(before.log.map(([level, message, { code }]) => [level, message, code])).toEqual([
      ['error', 'event parked', 'DURE_AGGREGATE_NOT_FOUND'],
    ])
    await before.command('Ordering.placeOrder', placing(2))
    await before.host.settled()
    expect(await free(before)).toEqual({ free: 3 })
    await before.host.close()
    const after = await running(shop, storage, kept)
    await after.host.settled()
    expect(await free(after)).toEqual({ free: 3 })
    expect(after.log.map(([level, message]) => [level, message])).toEqual([['warn', 'event still parked']])
    await after.command('Inventory.openStock', { product: 'p9', quantity: 5 })
    await after.host.close()
    const last = await running(shop, storage, kept)
    await last.host.settled()
    expect(await last.query('Inventory.stockOf', { product: 'p9' })).toEqual({ free: 4 })
    expect(last.log.map(([level, message]) => [level, message])).toEqual([['info', 'parked event handled']])
    await last.host.close()
  })

  it('waits a moment for what a policy is to tell, where the contexts are read in another order', async () => {
    const it = await running(shop, open(), kept)
    await it.command('Ordering.placeOrder', placing(1))
    await pause(60)
    await openStock(it, 5)
    await it.host.settled()
    expect(await free(it)).toEqual({ free: 4 })
    expect(it.log).toEqual([])
    await it.host.close()
  })

  it('decides a popular aggregate in turns, so that nobody meets a conflict', async () => {
    const it = await running(shop, open(), kept)
    await openStock(it, 1000)
    await Promise.all(Array.from({ length: 50 }, async () => it.command('Ordering.placeOrder', placing(2))))
    await it.host.settled()
    expect(await free(it)).toEqual({ free: 900 })
    await it.host.close()
  })
})

describe.each([1, 2, 3, 4, 5, 6, 7, 8])('with commits that fail at random, seed %i', (seed) => {
  it.each(['events', 'state'])(
    'kept as %s, loses no acknowledged command and applies none twice',
    { timeout: 20_000 },
    async (way) => {
      const random = seeded(seed)
      let rate = 0
      const it = await running(
        shop,
        faultyStorage(memoryStorage(), random, () => rate),
        way === 'state' ? [asState(Order), asState(Stock)] : [],
      )
      rate = 0.3
      const insist = async (name: string, input: unknown, key: string): Promise<unknown> => {
        for (;;) {
          const reply = await codeOf(it.command(name, input, { key }))
          if (reply !== 'DURE_STORE_UNAVAILABLE') return reply
        }
      }
      await insist('Inventory.openStock', { product: 'p1', quantity: 1000 }, 'open')
      const orders = Array.from({ length: 30 }, (_, i) =>
        insist('Ordering.placeOrder', placing(3), `order-${i}`),
      )
      const replies = (await Promise.all(orders)) as { ok: boolean; id: string }[]
      expect(new Set(replies.map((reply) => reply.id)).size).toBe(30)
      rate = 0
      await it.host.settled()
      expect(await free(it)).toEqual({ free: 1000 - 30 * 3 })
      const listed = (await it.query('Ordering.orders', { status: 'pending' })) as unknown[]
      expect(listed).toHaveLength(30)
      await it.host.close()
    },
  )
})

describe('a system whose parts contradict each other', () => {
  it('does not start, and says everything that is wrong', async () => {
    const apart = { ...shop, map: [] }
    await expect(running(apart, memoryStorage())).rejects.toMatchObject({
      code: 'DURE_MODEL_WRONG',
      message: expect.stringContaining('Inventory') as string,
    })
  })
})
