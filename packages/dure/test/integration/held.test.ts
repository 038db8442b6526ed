import { expect, it, vi } from 'vitest'
import { createHost } from 'dure/host'
import { memoryStorage } from 'dure/memory'
import { eachStore } from '../fixtures/each-way.ts'
import { hastyWorld } from '../fixtures/hasty-world.ts'
import { journalled, linesOf, nextJournalled, writer } from '../fixtures/journal.ts'
import { keptOpen, running, type Driver } from '../fixtures/running.ts'

const counted = (by: number) => ({ type: 'Counted', schema: 2, data: { by, unit: 'new' } })
const same = (line: string): string => line
const messages = (it: Driver): readonly string[] => it.log.map(([level, message]) => `${level} ${message}`)
const statusOf = (it: Driver) => it.host.status().find(({ consumer }) => consumer === writer)

async function begin(it: Driver): Promise<void> {
  for (const id of ['a', 'b']) await it.command('Shop.start', { id })
  await it.command('Shop.begin', { id: 'j' })
}

eachStore('an event that only the next release knows', (_, open) => {
  it('is held by the one before, and taken by the next one in order', async () => {
    const storage = keptOpen(open())
    const world = hastyWorld(20)
    const older = await running(journalled(same), storage, [], undefined, world)
    await begin(older)
    await older.command('Shop.count', { id: 'a', by: 1 })
    // The next release writes, and goes before it has read what it wrote.
    const next = await running(nextJournalled(same), storage, [], undefined, world)
    await next.host.settled()
    await next.host.close()
    const store = await storage.openContext('Shop')
    const append = (id: string, expected: number, ...events: ReturnType<typeof counted>[]) =>
      store.commit({
        at: new Date(),
        meta: { command: 'x', actor: 'ann', correlation: 'x' },
        appends: [{ stream: { tenant: '', aggregate: 'Counter', id }, expected, events, ends: false }],
      })
    expect((await append('a', 2, counted(2), counted(3))).ok).toBe(true)
    await older.command('Shop.count', { id: 'b', by: 9 })
    await older.host.settled()
    expect(await linesOf(older.host)).toEqual(['a 1', 'b 9'])
    expect(messages(older)).toEqual(['warn event held', 'info event parked'])
    expect((await store.readParked()).map((it) => [it.code, it.heldUntil !== undefined])).toEqual([
      ['DURE_EVENT_VERSION_UNKNOWN', true],
      ['DURE_PARKED_BEHIND', false],
    ])
    // Both run for a while, and the one that does not know the event does not keep it from the one that does.
    await new Promise((resolve) => setTimeout(resolve, 700))
    expect(await store.readParked()).toHaveLength(2)
    const after = await running(nextJournalled(same), storage, [], undefined, world)
    await after.command('Shop.count', { id: 'a', by: 4 })
    await vi.waitFor(
      async () => expect(await linesOf(after.host)).toEqual(['a 1', 'b 9', 'a 2 new', 'a 3 new', 'a 4 new']),
      6000,
    )
    expect(await store.readParked()).toEqual([])
    expect([...messages(older), ...messages(after)].filter((it) => it.startsWith('error'))).toEqual([])
    await older.host.close()
    await after.host.close()
  })

  it('is taken by a process that was there all along, also where it is none of its business', async () => {
    const storage = keptOpen(open())
    const world = hastyWorld(20)
    const older = await running(journalled(same), storage, [], undefined, world)
    await begin(older)
    const next = await running(nextJournalled(same), storage, [], undefined, world)
    await next.command('Shop.audit', { id: 'a' })
    await next.command('Shop.count', { id: 'b', by: 1 })
    await next.command('Shop.count', { id: 'a', by: 2 })
    await next.command('Shop.count', { id: 'b', by: 3 })
    const lines = async () => linesOf(next.host)
    await vi.waitFor(async () => expect(await lines()).toHaveLength(3), 6000)
    expect((await lines()).filter((line) => line.startsWith('b'))).toEqual(['b 1 new', 'b 3 new'])
    const store = await storage.openContext('Shop')
    await vi.waitFor(async () => expect(await store.readParked()).toEqual([]), 6000)
    expect([...messages(older), ...messages(next)].filter((it) => it.startsWith('error'))).toEqual([])
    await older.host.close()
    await next.host.close()
  })

  it('is an error once nobody has taken it for a quarter of an hour, and never dropped', async () => {
    const storage = keptOpen(open())
    const world = hastyWorld(20)
    const next = await running(nextJournalled(same), storage, [], undefined, world)
    await begin(next)
    await next.host.close()
    const older = await running(journalled(same), storage, [], undefined, world)
    const store = await storage.openContext('Shop')
    await store.commit({
      at: new Date(),
      meta: { command: 'x', actor: 'ann', correlation: 'x' },
      appends: [
        {
          stream: { tenant: '', aggregate: 'Counter', id: 'a' },
          expected: 1,
          events: [{ type: 'Audited', schema: 1, data: {} }],
          ends: false,
        },
      ],
    })
    await older.host.settled()
    expect(messages(older)).toEqual(['warn event held'])
    expect(statusOf(older)).toMatchObject({ parked: 0 })
    world.skip(14 * 60_000)
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect(messages(older)).toEqual(['warn event held'])
    world.skip(60_000)
    await vi.waitFor(() => expect(messages(older)).toEqual(['warn event held', 'error event parked']), 3000)
    expect(await store.readParked()).toMatchObject([{ code: 'DURE_EVENT_UNKNOWN', tries: 2 }])
    expect(statusOf(older)).toMatchObject({ parked: 1 })
    await older.host.close()
    const after = await running(nextJournalled(same), storage, [], undefined, world)
    await after.host.settled()
    expect(await store.readParked()).toEqual([])
    await after.host.close()
  })
})

it('is held for as long as the host says', async () => {
  const storage = keptOpen(memoryStorage())
  const next = await running(nextJournalled(same), storage)
  await begin(next)
  await next.command('Shop.audit', { id: 'a' })
  await next.host.close()
  const store = await storage.openContext('Shop')
  await store.forgetConsumer(writer)
  const log: string[] = []
  const older = await createHost(journalled(same), {
    storage,
    holdMs: 20_000,
    world: hastyWorld(40),
    log: (level, message) => void (level !== 'debug' && log.push(`${level} ${message}`)),
  })
  await older.settled()
  expect(log).toEqual(['warn event held'])
  await vi.waitFor(() => expect(log).toEqual(['warn event held', 'error event parked']), 4000)
  await older.close()
})
