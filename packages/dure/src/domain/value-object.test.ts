import * as z from 'zod'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bytes, entity, event, instant, list, object, oneOf, optional, valueObject } from 'dure'
import { checkEventData, definitionOf } from './event.ts'

class Money extends valueObject('Money', { amount: z.int(), currency: oneOf('KRW', 'USD') }) {
  times(n: number): Money {
    return this.with({ amount: this.amount * n })
  }
  get free(): boolean {
    return this.amount === 0
  }
}
class Tip extends Money {
  get thanks(): string {
    return `thanks for ${this.amount}`
  }
}
class Price extends valueObject('Price', {
  net: Money,
  note: optional(z.string()),
  tags: list(z.string()),
}) {}
class Period extends valueObject(
  'Period',
  { from: instant(), to: instant() },
  {
    'from is not after to': (p) => p.from <= p.to,
    'not in the year 0': (p) => p.from.getUTCFullYear() !== 0,
  },
) {}
class Line extends entity('Line', 'no', { no: z.int(), price: Money, quantity: z.int().positive() }) {
  get subtotal(): Money {
    return this.price.times(this.quantity)
  }
}
const won = (amount: number): Money => new Money({ amount, currency: 'KRW' })
const code = (it: string) => expect.objectContaining({ code: it }) as Error

const wrongPrice = () => new Price({ net: { amount: '1', currency: 'EUR' }, tags: ['a', 1], x: 1 } as never)

describe('a value object', () => {
  test('is equal by value, and only to its own kind', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer(), (a, b) => {
        expect(won(a).equals(won(b))).toBe(a === b)
        expect(won(a).equals(won(a).with({ amount: b }).with({ amount: a }))).toBe(true)
      }),
    )
    expect(won(1).equals(new Money({ amount: 1, currency: 'USD' }))).toBe(false)
    expect(won(1).equals(new Tip({ amount: 1, currency: 'KRW' }))).toBe(false)
    expect(won(1).equals(undefined as never)).toBe(false)
    expect(won(1).equals({ amount: 1, currency: 'KRW' } as never)).toBe(false)
  })

  test('nothing is nothing: zero equals minus zero, since JSON cannot tell them apart', () => {
    expect(won(0).times(-1).equals(won(0))).toBe(true)
  })

  test('equals looks into nested values, lists, dates and bytes', () => {
    class Deep extends valueObject('Deep', { p: list(Price), at: instant(), raw: bytes() }) {}
    const make = (amount: number, at = 0, raw = 1) =>
      new Deep({ p: [{ net: won(amount), tags: ['a'] }], at: new Date(at), raw: new Uint8Array([raw]) })
    expect(make(1).equals(make(1))).toBe(true)
    expect(make(1).equals(make(2))).toBe(false)
    expect(make(1).equals(make(1, 1))).toBe(false)
    expect(make(1).equals(make(1, 0, 2))).toBe(false)
  })

  test('an absent field equals one that is undefined', () => {
    const price = { net: won(1), tags: [] }
    expect(new Price(price).equals(new Price({ ...price, note: undefined }))).toBe(true)
    expect(new Price(price).equals(new Price({ ...price, note: 'x' }))).toBe(false)
    expect(new Price({ ...price, note: 'x' }).with({ note: undefined }).equals(new Price(price))).toBe(true)
  })

  test('cannot be changed, nor can what is in it', () => {
    const tags = ['a']
    const price = new Price({ net: { amount: 1, currency: 'KRW' }, tags })
    tags.push('b')
    expect(price.tags).toEqual(['a'])
    expect(() => Object.assign(price, { note: 'x' })).toThrow(TypeError)
    expect(() => Object.assign(price.net, { amount: 2 })).toThrow(TypeError)
    expect(() => (price.tags as string[]).push('c')).toThrow(TypeError)
  })

  test('makes what is nested from plain data, of the class its user wrote', () => {
    const price = new Price({ net: { amount: 2, currency: 'KRW' }, tags: [] })
    expect(price.net).toBeInstanceOf(Money)
    expect(price.net.times(2).amount).toBe(4)
    const line = new Line({ no: 1, price: { amount: 2, currency: 'KRW' }, quantity: 3 })
    expect(line.subtotal).toEqual(won(6))
  })

  test('with keeps the subclass, checks again and leaves the old one', () => {
    const tip = new Tip({ amount: 1, currency: 'KRW' })
    const more = tip.with({ amount: 2 })
    expect(more).toBeInstanceOf(Tip)
    expect(more.thanks).toBe('thanks for 2')
    expect(tip.times(3)).toBeInstanceOf(Tip)
    expect(tip.amount).toBe(1)
    expect(() => tip.with({ amount: 1.5 })).toThrow(code('DURE_VALUE_INVALID'))
    expect(() => tip.with({ nope: 1 } as never)).toThrow('unknown field')
  })

  test('names every issue with its path', () => {
    expect(wrongPrice).toThrow(
      expect.objectContaining({
        code: 'DURE_VALUE_INVALID',
        details: {
          type: 'Price',
          issues: [
            { path: '/x', message: 'unknown field; known are net, note, tags' },
            { path: '/net/amount', message: expect.any(String) as string },
            { path: '/net/currency', message: 'expected one of KRW, USD' },
            { path: '/tags/1', message: expect.any(String) as string },
          ],
        },
      }),
    )
  })

  test('every broken rule is told, and none while a field is wrong', () => {
    expect(
      () => new Period({ from: new Date('2026-02-01T00:00:00Z'), to: new Date('2026-01-01T00:00:00Z') }),
    ).toThrow('Period cannot be made: /: from is not after to')
    expect(() => new Period({ from: 'x', to: 'y' })).toThrow(
      expect.objectContaining({
        details: expect.objectContaining({
          issues: [{ path: '/from' }, { path: '/to' }].map((it) => expect.objectContaining(it) as object),
        }) as object,
      }),
    )
  })

  test('a rule holds wherever the value is nested', () => {
    const Booked = definitionOf(event('Booked', { period: Period }))
    const period = { from: '2026-02-01T00:00:00Z', to: '2026-01-01T00:00:00Z' }
    expect(() => checkEventData(Booked, { period })).toThrow('/period: from is not after to')
  })

  test('keys of the prototype do no harm', () => {
    const input = JSON.parse('{"amount":1,"currency":"KRW","__proto__":{"free":"stolen"}}') as never
    expect(() => new Money(input)).toThrow('/__proto__: unknown field')
    expect(() => new Money(Object.create({ amount: 1, currency: 'KRW' }) as never)).toThrow('is required')
  })

  test.each(['with', 'equals', 'is', 'constructor', '__proto__', 'a b', '1a', '', 'ä'])(
    'no field named %j',
    (name) => {
      expect(() => valueObject('X', { [name]: z.string() })).toThrow(code('DURE_MODEL_NAME'))
    },
  )

  test('a constructor of its own is for its users; Dure makes instances past it', () => {
    class Won extends valueObject('Won', { amount: z.int() }) {
      constructor(amount: number) {
        super({ amount })
      }
    }
    expect(new Won(5).with({ amount: 6 })).toEqual(new Won(6))
    const Paid = definitionOf(event('Paid', { won: Won as never, all: list(Won as never) }))
    const data = checkEventData(Paid, { won: { amount: 1 }, all: [{ amount: 2 }] }) as {
      won: Won
      all: Won[]
    }
    expect(data.won).toBeInstanceOf(Won)
    const back = Paid.shape.decode(Paid.shape.encode(data)) as { won: Won; all: Won[] }
    expect(back.all[0]?.equals(new Won(2))).toBe(true)
  })

  test('a getter of a subclass is not a field', () => {
    expect(Object.keys(won(1))).toEqual(['amount', 'currency'])
    const Paid = definitionOf(event('Paid', { price: Tip }))
    expect(Paid.shape.encode({ price: new Tip({ amount: 1, currency: 'KRW' }) })).toEqual({
      price: { amount: 1, currency: 'KRW' },
    })
  })

  test('the base of a class given where the subclass is wanted becomes the subclass', () => {
    const Paid = definitionOf(event('Paid', { tip: Tip }))
    const data = checkEventData(Paid, { tip: won(3) }) as { tip: Tip }
    expect(data.tip).toBeInstanceOf(Tip)
    expect(data.tip.thanks).toBe('thanks for 3')
  })
})

describe('an entity', () => {
  const line = new Line({ no: 1, price: won(2), quantity: 1 })

  test('is itself by its key, whatever else differs', () => {
    expect(line.is(line.with({ quantity: 5 }))).toBe(true)
    expect(line.is(line.with({ no: 2 }))).toBe(false)
  })

  test('is never something else with the same key', () => {
    class Other extends entity('Line', 'no', { no: z.int() }) {}
    expect(line.is(new Other({ no: 1 }) as never)).toBe(false)
    expect(line.is({ no: 1 } as never)).toBe(false)
    expect(line.is(undefined as never)).toBe(false)
  })

  test('may have a value object for its identity', () => {
    class Seat extends valueObject('Seat', { row: z.int(), place: z.int() }) {}
    class Booking extends entity('Booking', 'seat', { seat: Seat, by: z.string() }) {}
    const booking = new Booking({ seat: { row: 1, place: 2 }, by: 'a' })
    expect(booking.is(new Booking({ seat: { row: 1, place: 2 }, by: 'b' }))).toBe(true)
    expect(booking.is(new Booking({ seat: { row: 1, place: 3 }, by: 'a' }))).toBe(false)
  })

  test('needs a key among its fields', () => {
    expect(() => entity('X', 'toString' as never, { id: z.string() })).toThrow(code('DURE_MODEL_INVALID'))
  })
})

describe('a plain object in a field map', () => {
  test('is frozen, also below', () => {
    const Put = definitionOf(event('Put', { rows: list(object({ a: z.array(z.string()) })) }))
    const data = checkEventData(Put, { rows: [{ a: ['x'] }] }) as { rows: { a: string[] }[] }
    expect(() => data.rows[0]?.a.push('y')).toThrow(TypeError)
    expect(() => Object.assign(data.rows[0] as object, { a: [] })).toThrow(TypeError)
  })
})
