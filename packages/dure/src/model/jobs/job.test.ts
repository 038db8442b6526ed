import { context, cron, daily, every, job, optional, poller, system, weekly } from 'dure'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { Desk, deskWith, Note } from '../../../test/fixtures/office.ts'
import { checkModel } from '../check/check-model.ts'
import { describeModel } from '../describe/describe-model.ts'

const invalid = (reason: string) =>
  expect.objectContaining({ code: 'DURE_MODEL_INVALID', message: expect.stringContaining(reason) as string })
const thrown = (work: () => unknown): unknown => {
  try {
    return work()
  } catch (error) {
    return error
  }
}

const nothing = (name: string, options: object = {}) =>
  job(name, options)
    .reads(() => ({ items: [{ id: '1' }] }), { key: (it) => it.id })
    .issues({ stamp: Note.commands.stamp })
    .do(() => [])

describe('a declaration that cannot work is refused where it stands', () => {
  it.each([
    ['a period without a unit', () => every('5' as never), 'no length of time'],
    ['no period at all', () => every('0s'), 'no length of time'],
    ['a time without minutes', () => daily('3', 'UTC'), '"3" is no time of day'],
    ['a time of no day', () => weekly('mon', '24:00', 'UTC'), '"24:00" is no time of day'],
    ['a zone that is none', () => cron('0 3 * * *', 'Seoul'), '"Seoul" is no time zone'],
    ['a name that is none', () => nothing(' x'), 'its name is none'],
    ['a name with a slash', () => nothing('a/b'), 'its name is none'],
    ['a limit that is none', () => nothing('x', { limit: 'long' }), 'its limit is "long"'],
    ['no tries', () => nothing('x', { tries: 0 }), 'tried 0 times'],
    [
      'items that nothing tells apart',
      () => job('x').reads(() => ({ items: [] }), {} as never),
      'tells its items apart',
    ],
    [
      'a schedule for a job that must be given something',
      () => nothing('x', { on: every('1h'), takes: { month: z.string() } }),
      'takes what a schedule cannot give it: /month',
    ],
    [
      'a poller without an interval',
      () => poller('x', { every: 'now' as never, from: () => ({ items: [], cursor: '' }), key: String }),
      'its interval is "now"',
    ],
  ])('%s', (_, declare, reason) => {
    expect(thrown(declare)).toEqual(invalid(reason))
  })

  it('but one that may be given something can have a schedule', () => {
    expect(nothing('x', { on: every('1h'), takes: { month: optional(z.string()) } }).name).toBe('x')
  })

  it('two jobs of one name in a context', () => {
    expect(thrown(() => deskWith(nothing('x'), nothing('x')))).toMatchObject({ code: 'DURE_MODEL_DUPLICATE' })
  })
})

describe('the model', () => {
  const statements = poller('statements', {
    every: '90s',
    from: () => ({ items: ['a'], cursor: '' }),
    key: String,
  })
    .issues({ write: Note.commands.write })
    .do((text, _, { write }) => write({ text }))
    .rejected(() => [])

  it('tells its jobs and pollers', () => {
    const nightly = nothing('nightly', { on: daily('03:00', 'Asia/Seoul'), limit: '1h' })
    const [desk] = describeModel(deskWith(nightly, statements)).contexts
    expect(desk?.jobs).toEqual([
      {
        name: 'nightly',
        schedule: 'daily 03:00 Asia/Seoul',
        takes: {},
        catchUp: 'latest',
        limitMs: 3_600_000,
        tries: 5,
        issues: [{ aggregate: 'Note', command: 'stamp' }],
        handlesRejection: false,
      },
    ])
    expect(desk?.pollers).toEqual([
      {
        name: 'statements',
        everyMs: 90_000,
        issues: [{ aggregate: 'Note', command: 'write' }],
        handlesRejection: true,
      },
    ])
  })

  it('is wrong where one issues a command of an aggregate that is not in its context', () => {
    const desk = context(Desk, [nothing('nightly'), statements]).implements({
      commands: { write: Note.commands.write, lock: Note.commands.lock },
    })
    const where = checkModel(system('S', { contexts: [desk] })).map((it) => `${it.code} ${it.where}`)
    expect(where).toContain('DURE_CHECK_PART Desk, job "nightly"')
    expect(where).toContain('DURE_CHECK_PART Desk, poller "statements"')
  })
})
