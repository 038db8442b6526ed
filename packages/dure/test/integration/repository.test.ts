import { expect, it } from 'vitest'
import type { Id } from 'dure'
import { Order } from '../fixtures/ordering.ts'
import { shop, Stock } from '../fixtures/shop.ts'
import { eachWay } from '../fixtures/each-way.ts'
import { codeOf, running } from '../fixtures/running.ts'

const speaker = { actor: 'a script' }
const placing = {
  customer: 'c1',
  lines: [{ lineId: '1', product: 'p1', quantity: 2, price: { amount: 10, currency: 'KRW' as const } }],
  shipTo: { zipcode: '04524', addr1: 'Sejong-daero' },
}

eachWay('a repository', ({ open, keeping }) => {
  it('creates, saves, restores, changes and deletes', async () => {
    const { host } = await running(shop, open(), keeping(Order, Stock))
    const orders = host.repository(Order, speaker)
    const placed = orders.create.place(placing)
    if (!placed.ok) throw new Error(placed.rejected)
    const { id } = placed.next
    expect(await orders.find(id)).toBeUndefined()
    await orders.save(placed.next)

    const order = await orders.load(id)
    expect(order).toMatchObject({ id, version: 1, state: { status: 'pending' } })
    expect(order.state.total.equals(placed.next.state.total)).toBe(true)
    const approved = order.approve()
    if (!approved.ok) throw new Error(approved.rejected)
    await orders.save(approved.next)
    expect((await orders.load(id)).state.status).toBe('approved')

    await orders.delete(await orders.load(id))
    expect(await orders.find(id)).toBeUndefined()
    expect(await codeOf(orders.load(id))).toBe('DURE_AGGREGATE_ENDED')
    await host.close()
  })

  it('refuses a stale handle, a taken id, and a handle of another kind; nothing is stored', async () => {
    const it = await running(shop, open(), keeping(Order, Stock))
    const stocks = it.host.repository(Stock, speaker)
    const opened = stocks.create.open({ product: 'p1', quantity: 5 })
    if (!opened.ok) throw new Error('not opened')
    await stocks.save(opened.next)
    expect(await codeOf(stocks.save(opened.next))).toBe('DURE_AGGREGATE_EXISTS')
    const id = 'stock-p1' as Id<'Stock'>
    const [one, other] = [await stocks.load(id), await stocks.load(id)].map((stock) =>
      stock.reserve({ order: 'o', quantity: 3 }),
    )
    if (!one?.ok || !other?.ok) throw new Error('not reserved')
    await stocks.save(one.next)
    expect(await codeOf(stocks.save(other.next))).toBe('DURE_VERSION_CONFLICT')
    expect((await stocks.load(id)).state).toEqual({ free: 2 })
    expect(await codeOf(it.host.repository(Order, speaker).save(one.next as never))).toBe(
      'DURE_MODEL_INVALID',
    )
    await it.host.close()
  })

  it('beside commands: what the application remembers of the aggregate is not trusted blindly', async () => {
    const it = await running(shop, open(), keeping(Order, Stock))
    const placed = await it.command('Ordering.placeOrder', placing)
    if (!placed.ok) throw new Error('not placed')
    const id = placed.id as Id<'Order'>
    const orders = it.host.repository(Order, speaker)
    const rejected = (await orders.load(id)).reject({ reason: 'a script says so' })
    if (rejected.ok) await orders.save(rejected.next)
    expect(await it.command('Ordering.approveOrder', { id })).toMatchObject({
      ok: false,
      rejected: 'AlreadyDecided',
      data: { status: 'rejected' },
    })
    await it.host.close()
  })
})
