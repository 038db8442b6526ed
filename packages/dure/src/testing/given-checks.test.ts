import * as z from 'zod'
import { describe, expect, test } from 'vitest'
import { aggregate, event, instant, list, object, ref } from 'dure'
import { given, happened, stored, testWorld } from './index.ts'

const Opened = event('Opened', { at: instant(), id: z.string(), tags: z.array(z.string()) })
const Noted = event('Noted', { text: z.string() })
const shape = {
  state: {
    id: z.string(),
    at: instant(),
    notes: list(object({ text: z.string() })),
    tags: z.array(z.string()),
  },
  events: { Opened, Noted },
  rejections: { Full: {} },
}
const opened = happened(Opened, { at: '2026-01-01T00:00:00Z', id: 'x', tags: ['a'] })
let outside = 0
const forged = () => ({ ok: true, events: [] }) as const

const Case = aggregate('Case', shape)
  .starts({ Opened: (e) => ({ ...e, notes: [] }) })
  .evolves({ Noted: (s, e) => ({ ...s, notes: [...s.notes, e] }) })
  .factory('open', { tags: z.array(z.string()) }, ({ tags }, { emit, now, newId }) =>
    emit.Opened({ at: now, id: newId(), tags }),
  )
  .command('note', { text: z.string() }, (_, { text }, { emit }) => emit.Noted({ text }))
  .command('count', {}, (_, __, { emit }) => emit.Noted({ text: String(++outside) }))
  .command('spoilState', {}, (s, _, { emit }) => {
    s.tags.push('b')
    return emit.Noted({ text: 'x' })
  })
  .command('keep', {}, () => [])

describe('what given checks besides the answer', () => {
  test('ids and clock of the world are those of the test', () => {
    const world = testWorld({ now: '2026-03-01T00:00:00Z', ids: ['case-1', 'inner-1'] })
    const outcome = given(Case)
      .in(world)
      .when((cases) => cases.open({ tags: [] }))
      .thenEvents(happened(Opened, { at: '2026-03-01T00:00:00Z', id: 'inner-1', tags: [] }))
    expect(outcome.answer).toMatchObject({ ok: true, next: { id: 'case-1', version: 1 } })
  })

  test('a decision that remembers is not pure', () => {
    expect(() => given(Case, opened).when((it) => it.count())).toThrow(
      expect.objectContaining({ message: expect.stringContaining('Case.count is not pure') as string }),
    )
  })

  test('a decision that changes the state fails at that line', () => {
    expect(() => given(Case, opened).when((it) => it.spoilState())).toThrow(TypeError)
  })

  test('nothing happened', () => {
    const outcome = given(Case, opened).when((it) => it.keep())
    expect(outcome.thenNothing()).toBe(outcome)
    expect(() => outcome.thenEvents(happened(Noted, { text: 'x' }) as never)).toThrow('decided other events')
  })

  test('an act that answers nothing is misuse', () => {
    expect(() => given(Case, opened).when(forged)).toThrow('returned something that no command answered')
  })

  test('a state that does not fit its fields is found', () => {
    const Loose = aggregate('Loose', shape)
      .starts({ Opened: () => ({ id: 1 }) as never })
      .evolves({ Noted: (s) => s })
      .command('keep', {}, () => [])
    expect(() => given(Loose, opened).when((it) => it.keep())).toThrow('does not fit its fields')
  })

  test('a fold that counts on its own gives another state when replayed', () => {
    let count = 0
    const Counting = aggregate('Counting', { state: { n: z.int() }, events: { Noted } })
      .starts({ Noted: () => ({ n: ++count }) })
      .evolves({})
      .factory('note', {}, (_, { emit }) => emit.Noted({ text: 'x' }))
    expect(() => given(Counting).when((it) => it.note())).toThrow('replayed from the log is another')
  })

  test('events of another aggregate are refused, also under the same name', () => {
    const Other = event('Noted', { text: z.string() })
    expect(() => given(Case, opened, happened(Other, { text: 'x' }))).toThrow('is not one of its events')
  })

  test('what a rejection is expected to say is told as an input is', () => {
    const Ticket = aggregate('Ticket', {
      state: { until: instant() },
      events: { Opened },
      rejections: { Expired: { since: instant(), holder: ref('Person') } },
    })
      .starts({ Opened: (e) => ({ until: e.at }) })
      .evolves({})
      .command('use', { holder: ref('Person') }, ({ until }, { holder }, { reject }) =>
        reject('Expired', { since: until, holder }),
      )
    const used = given(Ticket, opened).when((it) => it.use({ holder: 'p-1' }))
    expect(used.thenRejected('Expired', { since: '2026-01-01T00:00:00Z', holder: 'p-1' })).toBe(used)
    expect(() => used.thenRejected('Expired', { since: '2026-01-02T00:00:00Z' })).toThrow(
      'rejected otherwise',
    )
    expect(() => used.thenRejected('Expired', { since: 'soon' })).toThrow('expected a point in time')
  })

  test('an unknown field in a written event is a slip of the pen', () => {
    expect(() => happened(Noted, { text: 'x', txet: 'y' } as never)).toThrow('unknown field')
  })

  test('an older event comes through its upcaster', () => {
    const Moved = event('Moved', { km: z.int() }).from(1, { miles: z.int() }, (old) => ({
      km: old.miles * 2,
    }))
    const Car = aggregate('Car', { state: { km: z.int() }, events: { Moved } })
      .starts({ Moved: (e) => e })
      .evolves({})
      .command('stay', {}, () => [])
    const outcome = given(Car, stored(Moved, 1, { miles: 4 })).when((it) => it.stay())
    expect(outcome.thenState({ km: 8 })).toBe(outcome)
  })
})
