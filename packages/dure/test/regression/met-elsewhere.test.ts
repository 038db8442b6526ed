import { setTimeout as pause } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { memoryStorage } from 'dure/memory'
import type { Storage } from 'dure/ports'
import { shop } from '../fixtures/shop.ts'
import { codeOf, keptOpen, running } from '../fixtures/running.ts'
import { overriding } from '../fixtures/overriding.ts'

const order = {
  customer: 'c1',
  lines: [{ lineId: '1', product: 'p1', quantity: 1, price: { amount: 1, currency: 'KRW' } }],
  shipTo: { zipcode: '04524', addr1: 'Sejong-daero' },
}

it('who waits for a view is told also of what another process has kept before it ended', async () => {
  const storage = keptOpen(memoryStorage())
  let late: Promise<void> | undefined
  const there = await running(shop, storage)
  const here = await running(
    shop,
    beforeViews(storage, async () => late),
  )
  const held = Promise.withResolvers<void>()
  late = held.promise
  const placed = await here.command('Ordering.placeOrder', order)
  if (!placed.ok) throw new Error('not placed')
  const asked = codeOf(here.query('Ordering.orderById', { id: placed.id }, placed.token))
  await pause(1200) // the other process looks once a second
  await there.host.close()
  held.resolve()
  expect(await asked).toEqual({ id: placed.id, status: 'pending', total: 1 })
  await here.host.close()
})

/** Commits of a view's rows wait. */
function beforeViews(storage: Storage, wait: () => Promise<void> | undefined): Storage {
  return overriding(storage, (store) => ({
    async commit(unit) {
      if (unit.inbox?.consumer.startsWith('view:')) await wait()
      return store.commit(unit)
    },
  }))
}
