import { poller, type Polled, type PollerOptions } from 'dure'
import { afterEach, describe, expect, it } from 'vitest'
import { eventsIn, Note, room, stampsIn, type Room } from '../../../test/fixtures/office.ts'
import { Requests } from './requests.ts'
import type { PollerStatus } from './status.ts'

const second = 1000
let here: Room
const opened = (): Room => (here = room())
afterEach(async () => {
  await Promise.all(here.hosts.map((it) => it.close()))
})

interface Line {
  readonly id: string
  readonly text: string
}

/** A source outside: a list of lines that grows, and that may fail. */
function bank() {
  const lines: Line[] = []
  const told = { lines, asked: [] as (number | undefined)[], fails: 0, open: Promise.resolve() }
  const from = async (cursor: number | undefined): Promise<Polled<Line, number>> => {
    told.asked.push(cursor)
    await told.open
    if (told.fails-- > 0) throw new Error('the bank is closed')
    return { items: lines.slice(cursor ?? 0), cursor: lines.length }
  }
  return { ...told, told, from }
}

const statements = (
  from: PollerOptions<Line, number>['from'],
  options: Partial<PollerOptions<Line, number>> = {},
) =>
  poller('statements', { every: '10s', from, key: (line) => line.id, ...options })
    .issues({ write: Note.commands.write })
    .do((line, _, { write }) => write({ text: line.text }))

const line = (id: string): Line => ({ id, text: `line ${id}` })
const textsIn = async (it: Room): Promise<readonly string[]> => Object.keys(await stampsIn(it.storage))
const statusOf = async (it: Room): Promise<PollerStatus> => (await it.hosts[0]?.jobs())?.[0] as PollerStatus

describe('a poller', () => {
  it('brings in what is new each time, from where it was', async () => {
    const it = opened()
    const { from, lines, told } = bank()
    lines.push(line('1'), line('2'))
    await it.open(statements(from))
    expect(await textsIn(it)).toEqual(['line 1', 'line 2'])
    lines.push(line('3'))
    await it.pass(10 * second)
    await it.pass(10 * second)
    expect(await textsIn(it)).toEqual(['line 1', 'line 2', 'line 3'])
    expect(told.asked).toEqual([undefined, 2, 3])
    expect(await statusOf(it)).toMatchObject({ state: 'idle', handled: 3, tries: 0, error: null })
    expect((await eventsIn(it.storage))[0]?.meta.actor).toBe('poller:statements')
  })

  it('asks in one process at a time, and no more often than it says', async () => {
    const it = opened()
    const { from, lines, told } = bank()
    const held = Promise.withResolvers<void>()
    told.open = held.promise
    const slow = statements(from)
    const [first, second_] = [it.open(slow), it.open(slow)]
    for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve))
    expect(told.asked).toHaveLength(1)
    lines.push(line('1'))
    held.resolve()
    await Promise.all([first, second_])
    expect(told.asked).toHaveLength(1)
    await it.pass(10 * second)
    expect(told.asked).toHaveLength(2)
    expect(await textsIn(it)).toEqual(['line 1'])
  })

  it('handles an item once that the source returns twice, at once or again and again', async () => {
    const it = opened()
    let n = 0
    const from = (): Polled<Line, number> => ({ items: [line('1'), line('2'), line('1')], cursor: ++n })
    await it.open(statements(from))
    await it.pass(10 * second)
    await it.pass(10 * second)
    expect(n).toBe(3)
    expect(await textsIn(it)).toEqual(['line 1', 'line 2'])
    expect(await eventsIn(it.storage)).toHaveLength(2)
  })

  it('forgets keys after a while; what creates is not done again even then', async () => {
    const it = opened()
    let n = 0
    const from = (): Polled<Line, number> => ({ items: [line('1')], cursor: ++n })
    const its = statements(from, { every: '6h', remember: '2d' })
    await it.open(its)
    const store = await it.storage.openContext('Desk')
    const known = async (): Promise<number> => (await store.queryRows('$polled', { limit: 10 })).length
    expect(await known()).toBe(1)
    for (let i = 0; i < 12; i++) await it.pass(6 * 3600 * second)
    expect(await known()).toBeLessThanOrEqual(1)
    expect(n).toBe(13)
    expect(await eventsIn(it.storage)).toHaveLength(1)
  })

  it('keeps the cursor in the transaction of the effect', async () => {
    const it = opened()
    const { from, lines, told } = bank()
    lines.push(line('1'), line('2'))
    let broken = true
    const its = poller('statements', { every: '10s', from, key: (l: Line) => l.id })
      .issues({ write: Note.commands.write })
      .do((l, _, { write }) => {
        if (broken && l.id === '2') throw new Error('cannot read it')
        return write({ text: l.text })
      })
    await it.open(its)
    expect(await eventsIn(it.storage)).toHaveLength(0)
    expect(await statusOf(it)).toMatchObject({
      state: 'failing',
      error: { code: 'DURE_JOB_FAILED', item: '2' },
      handled: 0,
    })
    broken = false
    await it.pass(15 * second)
    expect(told.asked).toEqual([undefined, undefined])
    expect(await textsIn(it)).toEqual(['line 1', 'line 2'])
  })

  it('passes over an item that somebody takes out', async () => {
    const it = opened()
    const { from, lines } = bank()
    lines.push(line('1'), line('2'))
    const its = poller('statements', { every: '10s', from, key: (l: Line) => l.id })
      .issues({ write: Note.commands.write })
      .do((l, _, { write }) => (l.id === '2' ? write(null as never) : write({ text: l.text })))
    await it.open(its)
    expect((await statusOf(it)).error?.item).toBe('2')
    await new Requests(await it.storage.openContext('Desk'), it.world).skipPolled(its.definition, '2')
    await it.pass(2 * second)
    expect(await textsIn(it)).toEqual(['line 1'])
    expect(await statusOf(it)).toMatchObject({ state: 'idle', error: null })
  })

  it('backs off while its source fails, says since when, and misses nothing', async () => {
    const it = opened()
    const { from, lines, told } = bank()
    lines.push(line('1'))
    told.fails = 6
    await it.open(statements(from, { every: '1s' }))
    const since = new Date('2026-03-02T00:30:00Z')
    expect(await statusOf(it)).toMatchObject({ state: 'failing', tries: 1, since })
    for (let i = 0; i < 60; i++) await it.pass(second)
    expect(told.asked.length).toBeLessThan(6)
    expect(await statusOf(it)).toMatchObject({ state: 'failing', since })
    expect((await statusOf(it)).error?.reason).toContain('the bank is closed')
    for (let i = 0; i < 4; i++) await it.pass(700 * second)
    expect(await textsIn(it)).toEqual(['line 1'])
    expect(await statusOf(it)).toMatchObject({ state: 'idle', since: null, error: null })
  })

  it('does not wait for ever for a source that does not answer', async () => {
    const it = opened()
    const signals: AbortSignal[] = []
    const its = poller('statements', {
      every: '10s',
      patience: '5s',
      from: async (_: number | undefined, { signal }): Promise<Polled<Line, number>> => {
        signals.push(signal)
        return signals.length > 1 ? { items: [], cursor: 1 } : new Promise(() => undefined)
      },
      key: (l) => l.id,
    })
      .issues({ write: Note.commands.write })
      .do((l, _, { write }) => write({ text: l.text }))
    const opening = it.open(its)
    for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve))
    it.world.advance(5 * second)
    await opening
    expect(signals[0]?.aborted).toBe(true)
    expect(await statusOf(it)).toMatchObject({ state: 'failing', error: { code: 'DURE_JOB_LIMIT' } })
  })

  it('asks again at once while there is more, and refuses more of the same', async () => {
    const it = opened()
    const pages: Polled<Line, number>[] = [
      { items: [line('1')], cursor: 1, more: true },
      { items: [line('2')], cursor: 2, more: true },
      { items: [line('3')], cursor: 2, more: true },
    ]
    let n = 0
    await it.open(statements(() => pages[n++] ?? { items: [], cursor: 3 }))
    expect(await textsIn(it)).toEqual(['line 1', 'line 2'])
    expect((await statusOf(it)).error).toMatchObject({ code: 'DURE_JOB_PAGE' })
  })

  it('handles more items than fit into a transaction, and goes on in the middle of them', async () => {
    const it = opened()
    const { from, lines } = bank()
    for (let i = 0; i < 250; i++) lines.push(line(`${i}`))
    let poison: string | undefined = '170'
    const its = poller('statements', { every: '10s', from, key: (l: Line) => l.id })
      .issues({ write: Note.commands.write })
      .do((l, _, { write }) => {
        if (l.id === poison) throw new Error('no')
        return write({ text: l.text })
      })
    await it.open(its)
    expect(await eventsIn(it.storage)).toHaveLength(100)
    poison = undefined
    await it.pass(15 * second)
    expect(await eventsIn(it.storage)).toHaveLength(250)
    expect(new Set(await textsIn(it)).size).toBe(250)
    expect(await statusOf(it)).toMatchObject({ handled: 250 })
  })
})
