import * as z from 'zod'
import { describe, expect, test } from 'vitest'
import { contract, event, instant, policy, publish, translate, view, type Id } from 'dure'
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

  test('answers a rejection', () => {
    const no = {
      command: 'reserve',
      rejected: 'OutOfStock',
      data: { free: 1 },
      input: { order: 'o-1' as Id<'Order'>, quantity: 2 },
      id: 'stock-p-1' as Id<'Stock'>,
    } as const
    const reaction = givenPolicy(reserveStock).whenRejected(no, published)
    expect(reaction.thenIssues(issued(refuse, 'stock-p-1', { order: 'o-1', wanted: 1 }))).toBe(reaction)
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
