import * as z from 'zod'
import { describe, expect, test } from 'vitest'
import { aggregate, contract, event, instant, policy, publish, translate, view } from 'dure'
import { OrderApproved, OrderErased, OrderPlaced } from '../../test/fixtures/ordering.ts'
import { OrderList, Ordering, Stock, reserveStock } from '../../test/fixtures/shop.ts'
import {
  givenPolicy,
  givenPublication,
  givenStored,
  givenTranslator,
  givenView,
  happened,
  issued,
  stored,
} from './index.ts'

const published = happened(
  Ordering.events.OrderPlaced,
  { lines: [{ product: 'p-1', quantity: 2 }], total: 1000 },
  { id: 'o-1' },
)
const { reserve, refuse, open } = Stock.commands

const placedFor = (...products: readonly string[]) =>
  happened(
    Ordering.events.OrderPlaced,
    { lines: products.map((product, i) => ({ product, quantity: i + 1 })), total: 0 },
    { id: 'o-1' },
  )

describe('a policy', () => {
  test('issues commands', () => {
    const reaction = givenPolicy(reserveStock).when(published)
    reaction.thenIssues(issued(reserve, 'stock-p-1', { order: 'o-1', quantity: 2 }))
    expect(() => reaction.thenNothing()).toThrow('issued other commands')
    expect(() => reaction.thenIssues(issued(reserve, 'stock-p-2', { order: 'o-1', quantity: 2 }))).toThrow(
      expect.objectContaining({
        expected: [{ command: 'Stock.reserve', id: 'stock-p-2', input: { order: 'o-1', quantity: 2 } }],
        actual: [{ command: 'Stock.reserve', id: 'stock-p-1', input: { order: 'o-1', quantity: 2 } }],
      }),
    )
  })

  test('answers a rejection of what it issued', () => {
    const no = { command: 'reserve', rejected: 'OutOfStock', data: { free: 1 } } as const
    const reaction = givenPolicy(reserveStock).whenRejected(no, published)
    expect(reaction.thenIssues(issued(refuse, 'stock-p-1', { order: 'o-1', wanted: 1 }))).toBe(reaction)
    const told = { ...no, input: { order: 'o-1', quantity: 2 }, id: 'stock-p-9' }
    givenPolicy(reserveStock)
      .whenRejected(told, published)
      .thenIssues(issued(refuse, 'stock-p-9', { order: 'o-1', wanted: 1 }))
  })

  test('that issued nothing of the kind cannot meet its no', () => {
    const no = { command: 'reserve', rejected: 'OutOfStock', data: { free: 1 } } as const
    const empty = happened(Ordering.events.OrderPlaced, { lines: [], total: 0 })
    expect(() => givenPolicy(reserveStock).whenRejected(no, empty)).toThrow('does not issue reserve for')
    const elsewhere = { ...no, id: 'stock-p-2' }
    expect(() => givenPolicy(reserveStock).whenRejected(elsewhere, published)).toThrow(
      'does not issue reserve to stock-p-2',
    )
  })

  test('that issued several wants to know which one met the no', () => {
    const no = { command: 'reserve', rejected: 'OutOfStock', data: { free: 1 } } as const
    const two = givenPolicy(reserveStock)
    expect(() => two.whenRejected(no, placedFor('p-1', 'p-2'))).toThrow(
      '2 times for this event: tell by its id',
    )
    two
      .whenRejected({ ...no, id: 'stock-p-2' }, placedFor('p-1', 'p-2'))
      .thenIssues(issued(refuse, 'stock-p-2', { order: 'o-1', wanted: 1 }))
    expect(() => two.whenRejected(no, placedFor('p-1', 'p-1'))).toThrow('tell by its input')
    two
      .whenRejected({ ...no, input: { order: 'o-1', quantity: 2 } }, placedFor('p-1', 'p-1'))
      .thenIssues(issued(refuse, 'stock-p-1', { order: 'o-1', wanted: 1 }))
  })

  test('gets the input of what was rejected as the command would', () => {
    const Booked = event('Booked', { until: instant() })
    const Room = aggregate('Room', {
      state: { until: instant() },
      events: { Booked },
      rejections: { Taken: {} },
    })
      .starts({ Booked: (e) => e })
      .evolves({})
      .factory('book', { until: instant() }, (input, { emit }) => emit.Booked(input))
      .command('extend', { until: instant() }, (_, __, { reject }) => reject('Taken'))
    const extendTwice = policy('extend a booking')
      .on(Booked)
      .issues({ book: Room.commands.book, extend: Room.commands.extend })
      .do(({ until }, m, { extend }) => extend(m.id, { until }))
      .rejected((no, _, __, { book }) => book({ until: new Date(no.input.until.getTime() + 1) }))
    const later = issued(Room.commands.book, { until: '2026-01-01T00:00:00.001Z' })
    givenPolicy(extendTwice)
      .whenRejected(
        { command: 'extend', rejected: 'Taken', input: { until: '2026-01-01T00:00:00Z' } },
        happened(Booked, { until: '2026-02-01T00:00:00Z' }),
      )
      .thenIssues(later)
  })

  test('that counts on its own is not pure', () => {
    let count = 0
    const impure = policy('count')
      .on(OrderApproved)
      .issues({ open })
      .do((_, __, c) => c.open({ product: 'p', quantity: ++count }))
    expect(() => givenPolicy(impure).when(happened(OrderApproved))).toThrow('is not pure')
  })

  test('refuses an event that it does not subscribe to', () => {
    const inner = happened(OrderApproved) as never
    expect(() => givenPolicy(reserveStock).when(inner)).toThrow(
      'the event OrderApproved is not one of its events',
    )
  })
})

const total = { amount: 1000, currency: 'KRW' } as const
const placing = { customer: 'c-1', lines: [], shipTo: { zipcode: '04524', addr1: 'x' }, total }

describe('a view', () => {
  test('has rows', () => {
    const rows = givenView(
      OrderList,
      happened(OrderPlaced, placing, { id: 'o-1' }),
      happened(OrderPlaced, placing, { id: 'o-2' }),
      happened(OrderPlaced, placing, { id: 'o-3' }),
      happened(OrderApproved, {}, { id: 'o-2' }),
      happened(OrderErased, {}, { id: 'o-3' }),
    )
      .thenRows({ id: 'o-2', status: 'approved', total: 1000 }, { id: 'o-1', status: 'pending', total: 1000 })
      .thenRow('o-2', { status: 'approved' })
      .thenNoRow('o-3')
    expect(rows.rows.get('o-1')?.status).toBe('pending')
    expect(() => rows.thenNoRow('o-1')).toThrow('has a row o-1')
    expect(() => rows.thenRow('o-1', { status: 'approved' })).toThrow('is another')
    expect(() => rows.thenRows()).toThrow('has other rows')
  })

  test('whose fold counts on its own is not pure', () => {
    let count = 0
    const Count = view('Count', 'id', { id: z.string(), n: z.int() }).on(
      OrderApproved,
      (_, m) => m.id,
      (_, __, m) => ({ id: m.id, n: ++count }),
    )
    expect(() => givenView(Count, happened(OrderApproved))).toThrow('is not pure')
  })

  test('whose fold changes the row it was given fails there', () => {
    const List = view('List', 'id', { id: z.string(), all: z.array(z.int()) }).on(
      OrderApproved,
      (_, m) => m.id,
      (row, _, m) => {
        row?.all.push(1)
        return row ?? { id: m.id, all: [] }
      },
    )
    expect(() => givenView(List, happened(OrderApproved), happened(OrderApproved))).toThrow(TypeError)
  })

  test('whose row is not under its key is refused', () => {
    const Wrong = view('Wrong', 'id', { id: z.string() }).on(
      OrderApproved,
      (_, m) => m.id,
      () => ({ id: 'x' }),
    )
    expect(() => givenView(Wrong, happened(OrderApproved))).toThrow('is not the key id-1')
  })
})

describe('what maps events', () => {
  const Catalog = contract('Catalog', { events: { Listed: { product: z.string(), won: z.int() } } })
  const PriceKnown = event('PriceKnown', { product: z.string(), since: instant() })
  const toPrice = translate(Catalog.events.Listed).into(PriceKnown, (e, m) =>
    e.won === 0 ? undefined : { product: e.product, since: m.at },
  )

  test('a translator', () => {
    const at = new Date('2026-02-02T00:00:00Z')
    const mapped = givenTranslator(toPrice).when(
      happened(Catalog.events.Listed, { product: 'p', won: 1 }, { at }),
    )
    mapped.thenBecomes({ product: 'p', since: at })
    expect(() => mapped.thenBecomes({ product: 'q', since: at })).toThrow('made something else')
    expect(() => mapped.thenNothing()).toThrow('made something of it')
    expect(() => mapped.thenBecomes({ product: 'p' })).toThrow(
      'the expectation given to thenBecomes(…) is wrong, not the translator of Listed into PriceKnown: /since is required',
    )
    const asEvent = happened(PriceKnown, { product: 'p', since: at })
    expect(() => mapped.thenBecomes(asEvent as never)).toThrow('It takes the data alone.')
    givenTranslator(toPrice)
      .when(happened(Catalog.events.Listed, { product: 'p', won: 0 }))
      .thenNothing()
  })

  test('a publication', () => {
    const publication = publish(OrderPlaced, (e) => ({ total: e.total.amount }))
    const mapped = givenPublication(publication).when(happened(OrderPlaced, placing))
    mapped.thenBecomes({ total: 1000 })
    expect(() => mapped.thenBecomes({ total: 1 })).toThrow('made something else')
  })

  test('an older version of an event', () => {
    const Paid = event('Paid', { amount: z.int(), currency: z.string() })
      .from(2, { won: z.int() }, (old) => ({ amount: old.won, currency: 'KRW' }))
      .from(1, { thousands: z.int() }, (old) => ({ won: old.thousands * 1000 }))
    givenStored(Paid, 1, { thousands: 2 }).thenReads({ amount: 2000, currency: 'KRW' })
    givenStored(Paid, 3, { amount: 1, currency: 'USD' }).thenReads({ amount: 1 })
    expect(() => givenStored(Paid, 1, { thousands: 2 }).thenReads({ amount: 2 })).toThrow(
      'read as something else',
    )
    expect(() => givenStored(Paid, 4, {})).toThrow('version 4')
    expect(stored(Paid, 2, { won: 1 }).schema).toBe(2)
  })
})
