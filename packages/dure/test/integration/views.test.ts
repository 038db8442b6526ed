import * as z from 'zod'
import { describe, expect, it } from 'vitest'
import { aggregate, context, contract, event, list, object, system, view, type System } from 'dure'
import { memoryStorage } from 'dure/memory'
import { keptOpen, running, type Driver } from '../fixtures/running.ts'

const Counted = event('Counted', { by: z.int() })
const Started = event('Started', {})
const Counter = aggregate('Counter', { state: { n: z.int() }, events: { Started, Counted } })
  .starts({ Started: () => ({ n: 0 }) })
  .evolves({ Counted: (s, e) => ({ n: s.n + e.by }) })
  .factory('start', { id: z.string() }, (_, { emit }) => emit.Started({}), { id: (input) => input.id })
  .command('count', { by: z.int() }, (_, input, { emit }) => emit.Counted(input))

const Row = { id: z.string(), n: z.int() }
const Counting = contract('Counting', {
  commands: { start: { id: z.string() }, count: { id: z.string(), by: z.int() } },
  queries: { all: { in: {}, out: list(object(Row)) } },
})

type Fold = (n: number, by: number) => number

/** The same system with the fold of its view as it is in one release or another. */
function counting(total: Fold | 'doubled'): System {
  const started = view('Totals', 'id', Row).on(
    Started,
    (_, m) => m.id,
    (_, __, m) => ({ id: m.id, n: 0 }),
  )
  const Totals =
    total === 'doubled'
      ? started.on(
          Counted,
          (_, m) => m.id,
          (row, e) => row && { ...row, n: row.n + 2 * e.by },
        )
      : started.on(
          Counted,
          (_, m) => m.id,
          (row, e) => row && { ...row, n: total(row.n, e.by) },
        )
  const only = context(Counting, [Counter, Totals]).implements({
    commands: { start: Counter.commands.start, count: Counter.commands.count },
    queries: { all: (_, reading) => reading.view(Totals).list({ orderBy: 'id' }) },
  })
  return system('Counting', { contexts: [only] })
}

const plus: Fold = (n, by) => n + by

async function count(it: Driver, counters: number, times: number): Promise<void> {
  for (let c = 0; c < counters; c++) await it.command('Counting.start', { id: `c${c}` })
  for (let i = 0; i < times; i++) await it.command('Counting.count', { id: `c${i % counters}`, by: 1 })
}

describe('a view', () => {
  it('is built anew when its fold changes, and equals the one that would have been kept', async () => {
    const storage = keptOpen(memoryStorage())
    const first = await running(counting(plus), storage)
    await count(first, 2, 10)
    await first.host.settled()
    expect(await first.query('Counting.all', {})).toEqual([
      { id: 'c0', n: 5 },
      { id: 'c1', n: 5 },
    ])
    await first.host.close()
    const second = await running(counting('doubled'), storage)
    await second.host.settled()
    expect(await second.query('Counting.all', {})).toEqual([
      { id: 'c0', n: 10 },
      { id: 'c1', n: 10 },
    ])
    expect(second.log.map(([, message]) => message)).toEqual(['view changed, building it anew'])
    await second.host.close()
  })

  it('catches up with a log much longer than what a feed keeps in memory', { timeout: 30_000 }, async () => {
    const storage = keptOpen(memoryStorage())
    const first = await running(counting(plus), storage)
    await count(first, 7, 10_000)
    await first.host.settled()
    const kept = await first.query('Counting.all', {})
    await first.host.close()
    const second = await running(
      counting((n, by) => plus(n, by)),
      storage,
    )
    await count(second, 0, 0)
    await second.host.settled()
    expect(await second.query('Counting.all', {})).toEqual(kept)
    await second.host.close()
  })

  it('parks what it cannot fold, with the rest of that aggregate, and keeps the others', async () => {
    const it = await running(
      counting((n, by) => {
        if (by === 13) throw new RangeError('thirteen')
        return n + by
      }),
      memoryStorage(),
    )
    await it.command('Counting.start', { id: 'a' })
    await it.command('Counting.start', { id: 'b' })
    for (const [id, by] of [
      ['a', 1],
      ['b', 1],
      ['a', 13],
      ['b', 2],
      ['a', 3],
      ['b', 4],
    ]) {
      await it.command('Counting.count', { id, by })
    }
    await it.host.settled()
    expect(await it.query('Counting.all', {})).toEqual([
      { id: 'a', n: 1 },
      { id: 'b', n: 7 },
    ])
    expect(it.log.map(([, message, { code, reason }]) => [message, code, reason])).toEqual([
      ['event parked', 'DURE_PARKED_FAILED', 'thirteen'],
      ['event parked', 'DURE_PARKED_BEHIND', 'an earlier event of the same aggregate is parked'],
    ])
    await it.host.close()
  })

  it('takes up what it had parked when a mended fold starts, in order and once', async () => {
    const storage = keptOpen(memoryStorage())
    let broken = true
    const fold: Fold = (n, by) => {
      if (broken && by === 13) throw new RangeError('thirteen')
      return n + by
    }
    const first = await running(counting(fold), storage)
    await first.command('Counting.start', { id: 'a' })
    for (const by of [1, 13, 3]) await first.command('Counting.count', { id: 'a', by })
    await first.host.settled()
    expect(await first.query('Counting.all', {})).toEqual([{ id: 'a', n: 1 }])
    await first.host.close()

    const still = await running(counting(fold), storage)
    await still.command('Counting.count', { id: 'a', by: 4 })
    await still.host.settled()
    expect(await still.query('Counting.all', {})).toEqual([{ id: 'a', n: 1 }])
    expect(still.log.map(([, message]) => message)).toEqual(['event still parked', 'event parked'])
    await still.host.close()

    broken = false
    const mended = await running(counting(fold), storage)
    await mended.command('Counting.count', { id: 'a', by: 5 })
    await mended.host.settled()
    expect(await mended.query('Counting.all', {})).toEqual([{ id: 'a', n: 26 }])
    expect(mended.log.map(([, message]) => message)).toEqual(Array(3).fill('parked event handled'))
    await mended.host.close()
    const again = await running(counting(fold), storage)
    await again.host.settled()
    expect(again.log).toEqual([])
    await again.host.close()
  })
})
