import { describe, expect, it } from 'vitest'
import { memoryStorage } from 'dure/memory'
import { shop } from '../fixtures/shop.ts'
import { codeOf, running, type Driver } from '../fixtures/running.ts'

const placing = {
  customer: 'c1',
  lines: [{ lineId: '1', product: 'p1', quantity: 1, price: { amount: 1, currency: 'KRW' } }],
  shipTo: { zipcode: '04524', addr1: 'Sejong-daero' },
}

async function placed(it: Driver): Promise<string> {
  const reply = await it.command('Ordering.placeOrder', placing)
  if (!reply.ok) throw new Error('not placed')
  return reply.id
}

describe('a command repeated under its key while the first is still being decided', () => {
  it('gets the first answer, also where the first has ended the aggregate', async () => {
    const it = await running(shop, memoryStorage())
    const id = await placed(it)
    const erase = () => codeOf(it.command('Ordering.eraseOrder', { id }, { key: 'k' }))
    const [first, second] = await Promise.all([erase(), erase()])
    expect(first).toMatchObject({ ok: true, version: 2 })
    expect(second).toEqual(first)
    await it.host.close()
  })

  it('gets the first answer, also where both say which version they have seen', async () => {
    const it = await running(shop, memoryStorage())
    const id = await placed(it)
    const approve = () =>
      codeOf(it.command('Ordering.approveOrder', { id }, { key: 'k', expectedVersion: 1 }))
    const [first, second] = await Promise.all([approve(), approve()])
    expect(first).toMatchObject({ ok: true, version: 2 })
    expect(second).toEqual(first)
    await it.host.close()
  })

  it('is still refused what another request under the key is refused', async () => {
    const it = await running(shop, memoryStorage())
    const id = await placed(it)
    const erase = it.command('Ordering.eraseOrder', { id }, { key: 'k' })
    const approve = codeOf(it.command('Ordering.approveOrder', { id }, { key: 'k' }))
    expect(await erase).toMatchObject({ ok: true })
    expect(await approve).toBe('DURE_KEY_REUSED')
    await it.host.close()
  })
})
