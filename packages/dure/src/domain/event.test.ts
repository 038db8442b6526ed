import * as z from 'zod'
import { describe, expect, test } from 'vitest'
import { event, instant, list, valueObject } from 'dure'
import { checkEventData, definitionOf } from './event.ts'
import { upcast } from './history/upcast.ts'

class Money extends valueObject('Money', { amount: z.int(), currency: z.string() }) {}

const Paid = definitionOf(
  event('Paid', { total: Money, at: instant() })
    .from(3, { amount: z.int(), at: instant() }, (old) => ({
      total: { amount: old.amount, currency: 'KRW' },
      at: old.at,
    }))
    .from(2, { amount: z.int(), day: z.string() }, (old) => ({
      amount: old.amount,
      at: `${old.day}T00:00:00Z`,
    }))
    .from(1, { thousands: z.int() }, (old) => ({ amount: old.thousands * 1000, day: '1970-01-01' })),
)
const code = (it: string) => expect.objectContaining({ code: it }) as Error

describe('versions of an event', () => {
  test('the current one is one more than the newest older one', () => {
    expect(event('A', {}).version).toBe(1)
    expect(Paid.version).toBe(4)
    expect(event('A', {}).from(7, {}, (it) => it).version).toBe(8)
  })

  test('every older one is read as the current one', () => {
    const at = new Date('1970-01-01T00:00:00Z')
    const current = { total: new Money({ amount: 2000, currency: 'KRW' }), at }
    expect(upcast(Paid, 1, { thousands: 2 })).toEqual(current)
    expect(upcast(Paid, 2, { amount: 2000, day: '1970-01-01' })).toEqual(current)
    expect(upcast(Paid, 3, { amount: 2000, at: at.toISOString() })).toEqual(current)
    const json = { total: { amount: 2000, currency: 'KRW' }, at: at.toISOString() }
    const read = upcast(Paid, 4, json) as typeof current
    expect(read).toEqual(current)
    expect(read.total).toBeInstanceOf(Money)
    expect(Object.isFrozen(read)).toBe(true)
  })

  test.each([0, 5, -1, 1.5, Number.NaN])('an unknown one, %d, is nobody’s', (version) => {
    expect(upcast(Paid, version, {})).toBeUndefined()
  })

  test.each([0, -1, 1.5, Number.NaN, '1' as never])('no version %j', (version) => {
    expect(() => event('A', {}).from(version, {}, (it) => it)).toThrow(code('DURE_MODEL_INVALID'))
  })

  test('a gap, a repetition or the wrong order is refused with the number that is wanted', () => {
    const second = event('A', {}).from(3, {}, (it) => it)
    for (const wrong of [3, 1, 4]) expect(() => second.from(wrong, {}, (it) => it)).toThrow('expected 2')
    expect(() =>
      second
        .from(2, {}, (it) => it)
        .from(1, {}, (it) => it)
        .from(0, {}, (it) => it),
    ).toThrow('expected 0')
  })

  test('.from makes a new event and leaves the old one as it was', () => {
    const first = event('A', { a: z.string() })
    first.from(1, {}, () => ({ a: 'x' }))
    expect(first.version).toBe(1)
  })

  test('what a map makes is checked', () => {
    const Wrong = definitionOf(event('Wrong', { n: z.int() }).from(1, {}, () => ({ n: 'x' as never })))
    expect(() => upcast(Wrong, 1, {})).toThrow(code('DURE_EVENT_INVALID'))
  })

  test('a map cannot change what is stored', () => {
    const json = { tags: ['a'] }
    const Tagged = definitionOf(
      event('Tagged', { tags: list(z.string()) }).from(1, { tags: z.array(z.string()) }, (old) => {
        old.tags.push('b')
        return old
      }),
    )
    expect(() => upcast(Tagged, 1, json)).toThrow(TypeError)
  })
})

describe('the data of an event', () => {
  test('is checked when emitted, frozen, and free of what it does not know', () => {
    const data = checkEventData(Paid, { total: { amount: 1, currency: 'KRW' }, at: new Date(0), more: 1 })
    expect(data).toEqual({ total: new Money({ amount: 1, currency: 'KRW' }), at: new Date(0) })
    expect(Object.isFrozen(data)).toBe(true)
    expect(() => checkEventData(Paid, { total: { amount: 'x' } })).toThrow(code('DURE_EVENT_INVALID'))
    expect(() => checkEventData(Paid, undefined)).toThrow(code('DURE_EVENT_INVALID'))
  })

  test('undefined leaves no trace', () => {
    const Noted = definitionOf(
      event('Noted', { a: z.string().optional(), o: z.object({ b: z.string().optional() }) }),
    )
    const data = checkEventData(Noted, { a: undefined, o: { b: undefined } })
    expect(JSON.stringify(Noted.shape.encode(data))).toBe('{"o":{}}')
    expect(Object.keys((data as { o: object }).o)).toEqual([])
  })

  test.each(['', '1A', 'Order-Placed', 'a.b', 'x'.repeat(64), 'constructor', 'toString'])(
    'no event named %j',
    (name) => {
      expect(() => event(name, {})).toThrow(code('DURE_MODEL_NAME'))
    },
  )
})
