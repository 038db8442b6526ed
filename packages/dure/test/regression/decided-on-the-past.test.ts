import * as z from 'zod'
import { describe, expect, it } from 'vitest'
import { aggregate, context, contract, event, policy, ref, system } from 'dure'
import { memoryStorage } from 'dure/memory'
import { codeOf, keptOpen, running } from '../fixtures/running.ts'

const Made = event('Made', {})
const Filled = event('Filled', {})
const Emptied = event('Emptied', {})
const Glass = aggregate('Glass', { state: { full: z.boolean() }, events: { Made, Filled, Emptied } })
  .starts({ Made: () => ({ full: false }) })
  .evolves({ Filled: () => ({ full: true }), Emptied: () => ({ full: false }) })
  .factory('make', { id: z.string() }, (_, { emit }) => emit.Made({}), { id: (input) => input.id })
  .command('fill', {}, (_, __, { emit }) => emit.Filled({}))
  .command('empty', {}, (glass, _, { emit }) => {
    // What cannot be by all that the domain knows; a program's error, not an answer.
    if (!glass.full) throw new Error('nobody empties an empty glass')
    return emit.Emptied({})
  })

const Asked = event('Asked', { glass: ref('Glass') })
const Wish = aggregate('Wish', { state: {}, events: { Asked } })
  .starts({ Asked: () => ({}) })
  .factory('ask', { glass: ref('Glass') }, (input, { emit }) => emit.Asked(input))
const emptyOnWish = policy('empty on wish')
  .on(Asked)
  .issues({ empty: Glass.commands.empty })
  .do((e, _, { empty }) => [empty(e.glass)])

const Bar = contract('Bar', {
  commands: {
    make: { id: z.string() },
    fill: { id: ref('Glass') },
    empty: { id: ref('Glass') },
    ask: { glass: ref('Glass') },
  },
  queries: { glass: { in: { id: ref('Glass') }, out: { full: z.boolean() } } },
})
const bar = system('Bar', {
  contexts: [
    context(Bar, [Glass, Wish, emptyOnWish]).implements({
      commands: {
        make: Glass.commands.make,
        fill: Glass.commands.fill,
        empty: Glass.commands.empty,
        ask: Wish.commands.ask,
      },
      queries: { glass: async ({ id }, reading) => (await reading.repository(Glass).find(id))?.state },
    }),
  ],
})

describe('a decision that throws on a remembered state', () => {
  it('is made again on the state that another process has left', async () => {
    const storage = keptOpen(memoryStorage())
    const [here, there] = [await running(bar, storage), await running(bar, storage)]
    await here.command('Bar.make', { id: 'g' })
    await there.command('Bar.fill', { id: 'g' })
    expect(await codeOf(here.command('Bar.empty', { id: 'g' }))).toMatchObject({ ok: true, version: 3 })
    await Promise.all([here.host.close(), there.host.close()])
  })

  it('parks nothing when a policy made it', async () => {
    const storage = keptOpen(memoryStorage())
    const here = await running(bar, storage)
    await here.command('Bar.make', { id: 'g' })
    const there = await storage.openContext('Bar')
    const stream = { tenant: '', aggregate: 'Glass', id: 'g' }
    const filled = { stream, expected: 1, ends: false, events: [{ type: 'Filled', schema: 1, data: {} }] }
    const meta = { command: 'c', actor: 'another process', correlation: 'c' }
    await there.commit({ at: new Date(), meta, appends: [filled] })
    await here.command('Bar.ask', { glass: 'g' })
    await here.host.settled()
    expect(here.log).toEqual([])
    expect(await here.query('Bar.glass', { id: 'g' })).toEqual({ full: false })
    await here.host.close()
  })
})
