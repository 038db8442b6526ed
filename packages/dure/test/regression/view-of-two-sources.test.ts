import * as z from 'zod'
import { describe, expect, it } from 'vitest'
import { aggregate, context, contract, event, publish, system, view } from 'dure'
import { memoryStorage } from 'dure/memory'
import type { Storage } from 'dure/ports'
import { keptOpen, running } from '../fixtures/running.ts'
import { overriding } from '../fixtures/overriding.ts'

const LeftHappened = event('LeftHappened', {})
const LeftThing = aggregate('LeftThing', { state: {}, events: { LeftHappened } })
  .starts({ LeftHappened: () => ({}) })
  .factory('happen', {}, (_, { emit }) => emit.LeftHappened({}))
const Left = contract('Left', { commands: { happen: {} }, events: { Happened: {} }, queries: {} })
const left = context(Left, [LeftThing]).implements({
  commands: { happen: LeftThing.commands.happen },
  events: { Happened: publish(LeftHappened, () => ({})) },
  queries: {},
})
const RightHappened = event('RightHappened', {})
const RightThing = aggregate('RightThing', { state: {}, events: { RightHappened } })
  .starts({ RightHappened: () => ({}) })
  .factory('happen', {}, (_, { emit }) => emit.RightHappened({}))
const Right = contract('Right', { commands: { happen: {} }, events: { Happened: {} }, queries: {} })
const right = context(Right, [RightThing]).implements({
  commands: { happen: RightThing.commands.happen },
  events: { Happened: publish(RightHappened, () => ({})) },
  queries: {},
})

const Row = { id: z.string(), left: z.int(), right: z.int() }
const Sum = view('Sum', 'id', Row)
  .on(
    Left.events.Happened,
    () => 'all',
    (row) => ({ id: 'all', left: (row?.left ?? 0) + 1, right: row?.right ?? 0 }),
  )
  .on(
    Right.events.Happened,
    () => 'all',
    (row) => ({ id: 'all', left: row?.left ?? 0, right: (row?.right ?? 0) + 1 }),
  )
const Both = contract('Both', { commands: {}, queries: { sum: { in: {}, out: Row } } })
const both = context(Both, [Sum]).implements({
  commands: {},
  queries: { sum: (_, reading) => reading.view(Sum).get('all') },
})
const counted = system('Counted', {
  contexts: [left, right, both],
  map: [
    { upstream: Left, downstream: Both, as: 'conformist' },
    { upstream: Right, downstream: Both, as: 'conformist' },
  ],
})

describe('a view of two sources', () => {
  it('kept by two processes holds every event of both', { timeout: 20_000 }, async () => {
    const storage = keptOpen(slow(memoryStorage()))
    const [here, there] = [await running(counted, storage), await running(counted, storage)]
    for (let i = 0; i < 60; i++) {
      await Promise.all([
        (i % 2 ? here : there).command('Left.happen', {}),
        (i % 2 ? there : here).command('Right.happen', {}),
      ])
    }
    await Promise.all([here.host.settled(), there.host.settled()])
    expect(await here.query('Both.sum', {})).toEqual({ id: 'all', left: 60, right: 60 })
    await Promise.all([here.host.close(), there.host.close()])
  })
})

/** Answers take their time, as those of a server do. */
function slow(storage: Storage): Storage {
  return overriding(storage, (store) => ({
    async readRows(view, keys) {
      const answer = await store.readRows(view, keys)
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 5))
      return answer
    },
  }))
}
