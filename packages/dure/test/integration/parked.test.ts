import { expect, it, vi } from 'vitest'
import type { ContextStore, Storage } from 'dure/ports'
import { eachStore } from '../fixtures/each-way.ts'
import { hastyWorld } from '../fixtures/hasty-world.ts'
import { journalled, linesOf, writer } from '../fixtures/journal.ts'
import { keptOpen, running, type Driver } from '../fixtures/running.ts'

/** A rule that refuses some lines until it is mended. */
function refusing(...lines: readonly string[]) {
  const refused = new Set(lines)
  return {
    mend: () => refused.clear(),
    note: (line: string): string => {
      if (refused.has(line)) throw new RangeError(`cannot note ${line}`)
      return line
    },
  }
}

async function counting(
  it: Driver,
  ...counts: readonly (readonly [id: string, by: number])[]
): Promise<void> {
  for (const [id, by] of counts) await it.command('Shop.count', { id, by })
}

async function begin(it: Driver): Promise<void> {
  for (const id of ['a', 'b']) await it.command('Shop.start', { id })
  await it.command('Shop.begin', { id: 'j' })
}

const shopOf = (storage: Storage): Promise<ContextStore> => storage.openContext('Shop')
const positionsOf = async (store: ContextStore): Promise<readonly number[]> =>
  (await store.readParked()).map((it) => it.position)
const of = (id: string) => ({ consumer: writer, aggregate: 'Counter', id })
const messages = (it: Driver): readonly string[] => it.log.map(([level, message]) => `${level} ${message}`)

eachStore('what is parked', (_, open) => {
  it('is tried again when somebody asks, at run time and in order; what comes meanwhile waits behind it', async () => {
    const storage = keptOpen(open())
    const rule = refusing('a 2')
    const it = await running(journalled(rule.note), storage)
    await begin(it)
    await counting(it, ['a', 1], ['a', 2], ['b', 1], ['a', 3])
    await it.host.settled()
    expect(await linesOf(it.host)).toEqual(['a 1', 'b 1'])
    expect(messages(it)).toEqual(['error event parked', 'info event parked'])
    expect(it.host.status().find(({ consumer }) => consumer === writer)).toMatchObject({ parked: 1 })
    const store = await shopOf(storage)

    expect(await store.requestRetry(of('a'))).toBe(1)
    await vi.waitFor(() => expect(messages(it).at(-1)).toBe('warn event still parked'), 4000)
    expect((await store.readParked())[0]).toMatchObject({
      tries: 2,
      retry: false,
      code: 'DURE_PARKED_FAILED',
    })

    rule.mend()
    await counting(it, ['a', 4])
    await it.host.settled()
    expect(await linesOf(it.host)).toEqual(['a 1', 'b 1'])
    await store.requestRetry(of('a'))
    await vi.waitFor(async () => expect(await store.readParked()).toEqual([]), 4000)
    await counting(it, ['a', 5])
    await it.host.settled()
    expect(await linesOf(it.host)).toEqual(['a 1', 'b 1', 'a 2', 'a 3', 'a 4', 'a 5'])
    expect(it.host.status().find(({ consumer }) => consumer === writer)).toMatchObject({ parked: 0 })
    await it.host.close()
  })

  it('is asked for while no process runs, and tried at the next start', async () => {
    const storage = keptOpen(open())
    const rule = refusing('a 2')
    const before = await running(journalled(rule.note), storage)
    await begin(before)
    await counting(before, ['a', 2])
    await before.host.settled()
    await before.host.close()
    const store = await shopOf(storage)
    await store.requestRetry({})
    rule.mend()
    const after = await running(journalled(rule.note), storage)
    await after.host.settled()
    expect(await linesOf(after.host)).toEqual(['a 2'])
    await after.host.close()
  })

  it('is tried by itself with growing pauses, until nothing but a request or a start does', async () => {
    const storage = keptOpen(open())
    let tries = 0
    const world = hastyWorld(4)
    const it = await running(
      journalled((line) => {
        tries++
        throw new RangeError(line)
      }),
      storage,
      [],
      undefined,
      world,
    )
    await begin(it)
    await counting(it, ['a', 1])
    await it.host.settled()
    const store = await shopOf(storage)
    const seen = async () => (await store.readParked())[0]
    for (const [i, pause] of [4_000, 28_000, 118_000, 590_000].entries()) {
      expect(await seen()).toMatchObject({ tries: i + 1 })
      const before = tries
      world.skip(pause)
      // What is left of the pause is a few seconds of ours at most.
      await vi.waitFor(async () => expect(await seen()).toMatchObject({ tries: i + 2 }), 10_000)
      expect(tries).toBe(before + 1)
    }
    world.skip(24 * 3600_000)
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(await seen()).toMatchObject({ tries: 5 })
    expect(messages(it)).toEqual(['error event parked'])
    await it.host.close()
  }, 30_000)

  it('flows again behind a message that is taken out, and nothing else is lost', async () => {
    const storage = keptOpen(open())
    const rule = refusing('a 2', 'a 4')
    const it = await running(journalled(rule.note), storage)
    await begin(it)
    await counting(it, ['a', 1], ['a', 2], ['a', 3], ['a', 4], ['a', 5])
    await it.host.settled()
    const store = await shopOf(storage)
    const [first] = await store.readParked()
    const drop = { at: new Date(), meta: { command: 'x', actor: 'ann', correlation: 'x' }, appends: [] }
    expect((await store.commit({ ...drop, unparks: [first as never] })).ok).toBe(true)
    expect((await store.commit({ ...drop, unparks: [first as never] })).ok).toBe(false)
    await vi.waitFor(async () => expect(await linesOf(it.host)).toEqual(['a 1', 'a 3']), 4000)
    const next = { tries: 1, reason: 'cannot note a 4' }
    await vi.waitFor(async () => expect((await store.readParked())[0]).toMatchObject(next), 4000)
    expect(await positionsOf(store)).toHaveLength(2)
    await store.commit({ ...drop, unparks: await store.readParked() })
    await counting(it, ['a', 6])
    await vi.waitFor(async () => expect(await linesOf(it.host)).toEqual(['a 1', 'a 3', 'a 6']), 4000)
    expect(await store.readParked()).toEqual([])
    await it.host.close()
  })

  it('is handled once by several processes, while some ask and some drop', async () => {
    const storage = keptOpen(open())
    const rule = refusing(...Array.from({ length: 12 }, (_, i) => `c${i} 1`))
    const system = journalled(rule.note)
    const all = await Promise.all([1, 2, 3].map(async () => running(system, storage)))
    const [it] = all as [Driver, ...Driver[]]
    await begin(it)
    for (let i = 0; i < 12; i++) {
      await it.command('Shop.start', { id: `c${i}` })
      await counting(it, [`c${i}`, 1], [`c${i}`, 2])
    }
    await Promise.all(all.map(async ({ host }) => host.settled()))
    const store = await shopOf(storage)
    expect(await positionsOf(store)).toHaveLength(24)
    rule.mend()
    const dropped: string[] = []
    await store.requestRetry({ consumer: writer })
    for (const victim of await store.readParked()) {
      const { id } = victim.stream
      const meta = { command: 'x', actor: 'ann', correlation: 'x' }
      const outcome = await store.commit({ at: new Date(), meta, appends: [], unparks: [victim] })
      if (outcome.ok) dropped.push(`${id} ${victim.position}`)
      if (dropped.length === 6) break
    }
    await vi.waitFor(async () => expect(await store.readParked()).toEqual([]), 8000)
    const lines = await linesOf(it.host)
    expect(new Set(lines).size).toBe(lines.length)
    expect(lines).toHaveLength(24 - dropped.length)
    for (const id of new Set(lines.map((line) => line.split(' ')[0]))) {
      const mine = lines.filter((line) => line.startsWith(`${id} `))
      expect(mine).toEqual(mine.toSorted())
    }
    for (const { host } of all) await host.close()
  })
})
