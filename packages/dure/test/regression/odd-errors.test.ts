import * as z from 'zod'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { aggregate, context, contract, event, list, object, system, view } from 'dure'
import { memoryStorage } from 'dure/memory'
import { running } from '../fixtures/running.ts'

const odd: Readonly<Record<string, unknown>> = {
  text: 'a text',
  nothing: undefined,
  null: null,
  symbol: Symbol('s'),
  bare: Object.create(null),
  silent: Object.assign(new Error('x'), { message: undefined }),
  numbered: Object.assign(new Error('x'), { message: 7 }),
  hostile: {
    toString() {
      throw new Error('no')
    },
  },
}

const Met = event('Met', { what: z.string() })
const Meeting = aggregate('Meeting', { state: {}, events: { Met } })
  .starts({ Met: () => ({}) })
  .factory('meet', { what: z.string() }, (input, { emit }) => emit.Met(input))
const Row = { what: z.string() }
const Meetings = view('Meetings', 'what', Row).on(
  Met,
  (e) => e.what,
  (_, e) => {
    if (e.what in odd) throw odd[e.what]
    return { what: e.what }
  },
)
const Town = contract('Town', {
  commands: { meet: { what: z.string() } },
  queries: { all: { in: {}, out: list(object(Row)) } },
})
const town = system('Town', {
  contexts: [
    context(Town, [Meeting, Meetings]).implements({
      commands: { meet: Meeting.commands.meet },
      queries: { all: (_, reading) => reading.view(Meetings).list() },
    }),
  ],
})

describe('whatever a model throws', () => {
  it.each(Object.keys(odd))('%s parks its event, and the others go on', async (what) => {
    const it = await running(town, memoryStorage())
    await it.command('Town.meet', { what })
    await it.command('Town.meet', { what: 'good' })
    const settled = it.host.settled().then(() => 'settled')
    expect(await Promise.race([settled, pause(1000, 'stuck')])).toBe('settled')
    expect(await it.query('Town.all', {})).toEqual([{ what: 'good' }])
    expect(it.log.map(([, message, { code }]) => [message, code])).toEqual([
      ['event parked', 'DURE_PARKED_FAILED'],
    ])
    await it.host.close()
  })
})
