import { describe, expect, it } from 'vitest'
import { createApplication } from '../../src/app/application.ts'
import { contextRuntime } from '../../src/app/context-runtime.ts'
import { Engine } from '../../src/engine/engine.ts'
import { systemWorld } from '../../src/host/system-world.ts'
import { memoryStorage } from 'dure/memory'
import { shop } from '../fixtures/shop.ts'

async function start() {
  const storage = memoryStorage()
  const contexts = await Promise.all(
    shop.contexts.map(async (it) => contextRuntime(it, await storage.openContext(it.name), systemWorld)),
  )
  const lines: unknown[] = []
  const engine = new Engine(contexts, systemWorld, (...line) => lines.push(line))
  const application = createApplication(shop, contexts, engine)
  await engine.start()
  return { application, engine, lines }
}

const envelope = (key?: string) => ({
  id: systemWorld.newId(), actor: 'a', tenant: '', correlation: systemWorld.newId(), ...(key !== undefined && { key }),
})
const placing = (quantity: number, price = 10) => ({
  customer: 'c1',
  lines: [{ lineId: '1', product: 'p1', quantity, price: { amount: price, currency: 'KRW' } }],
  shipTo: { zipcode: '04524', addr1: 'Sejong-daero' },
})

describe('a system in memory', () => {
  it('carries a command to the view and to the other context', async () => {
    const { application: app, engine, lines } = await start()
    await app.command({ context: 'Inventory', command: 'openStock', input: { product: 'p1', quantity: 5 }, envelope: envelope() })
    const placed = await app.command({ context: 'Ordering', command: 'placeOrder', input: placing(3), envelope: envelope('k1') })
    expect(placed).toMatchObject({ ok: true, version: 1, created: true, events: [{ type: 'OrderPlaced' }] })
    if (!placed.ok) return
    const again = await app.command({ context: 'Ordering', command: 'placeOrder', input: placing(3), envelope: envelope('k1') })
    expect(again).toEqual(placed)
    const row = await app.query({ context: 'Ordering', query: 'orderById', input: { id: placed.id }, actor: 'a', tenant: '', notBefore: placed.token })
    expect(row).toEqual({ id: placed.id, status: 'pending', total: 30 })
    await engine.settled()
    expect(await app.query({ context: 'Inventory', query: 'stockOf', input: { product: 'p1' }, actor: 'a', tenant: '' })).toEqual({ free: 2 })
    await app.command({ context: 'Ordering', command: 'placeOrder', input: placing(3), envelope: envelope() })
    await engine.settled()
    expect(await app.query({ context: 'Inventory', query: 'stockOf', input: { product: 'p1' }, actor: 'a', tenant: '' })).toEqual({ free: 2 })
    expect(lines).toEqual([])
    await engine.stop()
  })
})
