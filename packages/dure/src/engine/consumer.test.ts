import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { memoryStorage } from '../adapters/memory/memory-storage.ts'
import type { ContextRuntime } from '../app/context-runtime.ts'
import { systemWorld } from '../host/system-world.ts'
import { fault } from '../kernel/errors/fault.ts'
import type { EpochStart, StoredEvent } from '../ports/event-store.ts'
import { Consumer } from './consumer.ts'
import { Poison, type Work } from './consuming/work.ts'
import type { Page, Source } from './source.ts'

const event = (position: number): StoredEvent => ({
  position,
  stream: { tenant: '', aggregate: 'Order', id: 'a' },
  version: position,
  slice: 7,
  type: 'Placed',
  schema: 1,
  data: {},
  meta: { command: 'c', actor: 'ann', correlation: 'c' },
  at: new Date(0),
})

const place = (epoch: string, position: number) => ({ context: 'Source', epoch, slice: 7, position })

/** A consumer of a source and a feed that the test holds in its hands. */
async function consuming(
  work: Work['handle'],
  anew?: () => Promise<void>,
  find: Source['find'] = async (position) => event(position),
) {
  const store = await memoryStorage().openContext('Target')
  const lineage: EpochStart[] = [{ epoch: 'first', began: 0 }]
  const asked: { position: number; answer: (page: Page) => void; fail: (error: unknown) => void }[] = []
  const lines: string[] = []
  const source: Source = {
    name: 'Source',
    get epoch() {
      return lineage.at(-1)?.epoch ?? ''
    },
    epochs: lineage,
    find,
    onEpoch: () => () => undefined,
    openLog: () => ({ mark: 0, next: async () => [] }),
    archivedTo: async () => 0,
  }
  const consumer = new Consumer({
    name: 'policy:p',
    source,
    target: { name: 'Target', store } as ContextRuntime,
    world: systemWorld,
    log: (level, message) => void lines.push(`${level} ${message}`),
    concerns: () => true,
    work: { handle: work },
    ...(anew && { anew }),
  })
  await consumer.load()
  consumer.start({
    after: async (position) =>
      new Promise<Page>((resolve, reject) => {
        asked.push({ position, answer: resolve, fail: reject })
        onTestFinished(() => resolve({ events: [], through: position }))
      }),
    placeAt: () => undefined,
  })
  onTestFinished(() => consumer.stop())
  const question = async (n: number) => {
    await vi.waitFor(() => expect(asked.length).toBeGreaterThanOrEqual(n))
    return asked[n - 1] as (typeof asked)[number]
  }
  return { store, consumer, lineage, lines, question, asked }
}

describe('a consumer', () => {
  it('says what it is about, and why it does not get on', async () => {
    let broken = true
    const handled: number[] = []
    const { consumer, question, store } = await consuming(async (page, mark) => {
      if (broken) throw fault('DURE_STORE_UNAVAILABLE', { store: 's', reason: 'away' })
      handled.push(...page.map((it) => it.position))
      const { at, meta } = page[0] as StoredEvent
      await store.commit({ at, meta, appends: [], ...mark(page) })
    })
    expect([consumer.state, consumer.failure]).toEqual(['running', undefined])
    const before = Date.now()
    ;(await question(1)).answer({ events: [event(1)], through: 1 })
    ;(await question(2)).answer({ events: [event(1)], through: 1 })
    await vi.waitFor(() => expect(consumer.failure?.times).toBe(2))
    expect(consumer.state).toBe('retrying')
    expect(consumer.failure?.code).toBe('DURE_STORE_UNAVAILABLE')
    expect(consumer.failure?.since.getTime()).toBeGreaterThanOrEqual(before)
    broken = false
    ;(await question(3)).answer({ events: [event(1)], through: 1 })
    await consumer.reached(1)
    await vi.waitFor(() => expect([consumer.state, consumer.failure]).toEqual(['running', undefined]))
    expect(handled).toEqual([1])
    await consumer.stop()
    expect(consumer.state).toBe('stopped')
  })

  it('asks once for a page that takes long, and tries again when the feed fails', async () => {
    const { consumer, question, asked } = await consuming(async () => undefined)
    await sleep(100)
    expect(asked).toHaveLength(1)
    ;(await question(1)).fail(fault('DURE_STORE_UNAVAILABLE', { store: 's', reason: 'away' }))
    await vi.waitFor(() => expect(consumer.state).toBe('retrying'))
    ;(await question(2)).answer({ events: [], through: 4 })
    await consumer.reached(4)
  })

  it('does not take a page of an epoch that the log has left, and begins where the epochs part', async () => {
    const handled: number[] = []
    const { consumer, question, store, lineage, lines } = await consuming(async (page, mark) => {
      const { at, meta } = page[0] as StoredEvent
      await store.commit({ at, meta, appends: [], ...mark(page) })
      handled.push(...page.map((it) => it.position))
    })
    ;(await question(1)).answer({ events: [event(1), event(2)], through: 2 })
    await consumer.reached(2)
    const stale = await question(2)
    lineage.push({ epoch: 'second', began: 1 })
    stale.answer({ events: [event(3)], through: 3 })
    const fresh = await question(3)
    expect(fresh.position).toBeLessThanOrEqual(1)
    expect(handled).toEqual([1, 2])
    fresh.answer({ events: [event(2)], through: 2 })
    await vi.waitFor(() => expect(handled).toEqual([1, 2, 2]))
    await consumer.reached(2)
    expect(lines).toEqual(['warn log restored without events that were handled'])
    const lacking = [place('second', 9), place('first', 9), place('first', 1), place('unheard', 9)]
    expect(lacking.map((it) => consumer.lacks(it))).toEqual([true, false, false, true])
    expect(consumer.lacks({ ...place('second', 9), context: 'Other' })).toBe(false)
    expect((await store.readInbox('policy:p', 'Source')).epoch).toBe('second')
  })

  it('waits for its own word of an epoch that another process has taken up', async () => {
    let anew = 0
    const { consumer, question, store, lineage } = await consuming(
      async (page, mark) => {
        const { at, meta } = page[0] as StoredEvent
        const outcome = await store.commit({ at, meta, appends: [], ...mark(page) })
        if (!outcome.ok) throw fault('DURE_STORE_UNAVAILABLE', { store: 's', reason: 'refused' })
      },
      async () => void anew++,
    )
    ;(await question(1)).answer({ events: [event(1)], through: 1 })
    await consumer.reached(1)
    const adoption = { consumer: 'policy:p', source: 'Source', from: 'first', to: 'second', clampTo: 1 }
    expect(await store.adoptEpoch(adoption)).toEqual([])
    ;(await question(2)).answer({ events: [event(2)], through: 2 })
    await vi.waitFor(() => expect(consumer.state).toBe('waiting for epoch'))
    expect(consumer.failure?.code).toBe('DURE_CONSUMER_EPOCH')
    lineage.push({ epoch: 'second', began: 1 })
    const next = await vi.waitFor(async () => question(3), 4000)
    expect(next.position).toBeLessThanOrEqual(1)
    next.answer({ events: [event(2)], through: 2 })
    await consumer.reached(2)
    await vi.waitFor(() => expect(consumer.state).toBe('running'))
    expect(anew).toBe(0)
  })

  it('does not turn in circles on a feed that is closed', async () => {
    const { consumer, question, asked } = await consuming(async () => undefined)
    ;(await question(1)).answer({ events: [], through: 0 })
    ;(await question(2)).answer({ events: [], through: 0 })
    await sleep(30)
    expect(asked.length).toBeLessThan(4)
    expect(consumer.state).toBe('running')
  })

  it('leaves parked what its source does not have, and takes pages while the source is away', async () => {
    let source: 'away' | 'empty' = 'away'
    const find: Source['find'] = async () => {
      if (source === 'away') throw fault('DURE_STORE_UNAVAILABLE', { store: 's', reason: 'away' })
      return undefined
    }
    const handle: Work['handle'] = async ([first], mark) => {
      if (first?.position === 1) throw new Poison(first, new RangeError('no'))
      await store.commit({
        at: new Date(),
        meta: event(1).meta,
        appends: [],
        ...mark([first as StoredEvent]),
      })
    }
    const { consumer, question, store, lines } = await consuming((...it) => handle(...it), undefined, find)
    const elsewhere = { ...event(2), stream: { tenant: '', aggregate: 'Order', id: 'b' } }
    ;(await question(1)).answer({ events: [event(1), elsewhere], through: 2 })
    await consumer.reached(2)
    expect([consumer.parked, consumer.held]).toEqual([1, 0])
    await store.requestRetry({})
    await vi.waitFor(() => expect(lines).toContain('warn reading a parked event failed, trying again'), 4000)
    ;(await question(2)).answer({ events: [], through: 5 })
    await consumer.reached(5)
    expect((await store.readParked())[0]).toMatchObject({ code: 'DURE_PARKED_FAILED', tries: 1, retry: true })
    source = 'empty'
    const gone = { code: 'DURE_PARKED_GONE', tries: 2, retry: false }
    await vi.waitFor(async () => expect((await store.readParked())[0]).toMatchObject(gone), 4000)
    expect(lines.filter((it) => it.startsWith('error'))).toEqual(['error event parked', 'error event parked'])
    expect([consumer.state, consumer.parked]).toEqual(['running', 1])
  })
})
