import { expect, it } from 'vitest'
import { createHost, systemWorld } from 'dure/host'
import { memoryStorage } from 'dure/memory'
import type { Append, ContextStore, Storage } from 'dure/ports'
import { Ordering, shop } from '../fixtures/shop.ts'
import { keptOpen } from '../fixtures/running.ts'
import { overriding } from '../fixtures/overriding.ts'

const order = {
  customer: 'c1',
  lines: [{ lineId: '1', product: 'p1', quantity: 1, price: { amount: 1, currency: 'KRW' } }],
  shipTo: { zipcode: '04524', addr1: 'Sejong-daero' },
}
const meta = { command: 'c', actor: 'another process', correlation: 'c' }
const approved = { type: 'OrderApproved', schema: 1, data: {} }

/** Another process is faster, so many times. */
function rivalled(storage: Storage, times: number): Storage {
  let left = times
  const rival = async (store: ContextStore, { stream, expected }: Append): Promise<void> => {
    if (left-- <= 0) return
    const appends = [{ stream, expected, events: [approved], ends: false }]
    await store.commit({ at: new Date(), meta, appends })
  }
  return overriding(storage, (store) => ({
    async commit(unit) {
      const [append] = unit.appends
      if (append !== undefined && append.expected > 0) await rival(store, append)
      return store.commit(unit)
    },
  }))
}

it('a command that loses to another process again and again waits a little longer each time', async () => {
  const waits: number[] = []
  const world = {
    ...systemWorld,
    random: () => 0.5,
    after: (ms: number, run: () => void, alive?: boolean) => {
      if (ms < 50) waits.push(ms)
      return systemWorld.after(ms, run, alive)
    },
  }
  const host = await createHost(shop, { storage: rivalled(keptOpen(memoryStorage()), 5), world })
  const client = host.client({ actor: 'test' })
  const { id } = await client.insist(Ordering.commands.placeOrder, order as never)
  expect(await client.tell(Ordering.commands.eraseOrder, { id })).toMatchObject({ version: 7 })
  expect(waits).toEqual([4, 8, 16, 32])
  await host.close()
})
