import { type } from 'arktype'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import {
  aggregate,
  context,
  contract,
  event,
  policy,
  publish,
  ref,
  route,
  system,
  translate,
  valueObject,
  view,
} from 'dure'
import type { Field, Part, Relation, RelationKind, Route } from 'dure'
import {
  inventory,
  Inventory,
  ordering,
  Ordering,
  reserveStock,
  shop,
  Stock,
} from '../../../test/fixtures/shop.ts'
import { checkModel } from './check-model.ts'
import type { Finding } from './finding.ts'

const codes = (findings: readonly Finding[]): readonly string[] => findings.map((it) => it.code)

const Opened = event('Opened', {})
const Till = aggregate('Till', { state: {}, events: { Opened } })
  .starts({ Opened: () => ({}) })
  .evolves({})
  .factory('open', {}, (_, { emit }) => emit.Opened({}))
const Sales = contract('Sales', {})
const sales = (...parts: readonly Part[]) => context(Sales, parts).implements({})

/** The findings of the shop with one more context. */
function besideTheShop(parts: readonly Part[], map: readonly Relation[] = [], routes: readonly Route[] = []) {
  const whole = system('Shop', {
    contexts: [ordering, inventory, sales(Till, ...parts)],
    map: [...shop.map, ...map],
    routes,
  })
  return checkModel(whole).filter((it) => it.level === 'error')
}

const edge = (as: RelationKind): Relation => ({ upstream: Ordering, downstream: Sales, as })
const follow = (what: Parameters<ReturnType<typeof policy>['on']>[0]) =>
  policy('open a till')
    .on(what)
    .issues({ open: Till.commands.open })
    .do(() => [])

const problems = (...map: Relation[]) => besideTheShop([], map).map((it) => it.message)
const problemOf = (field: Field) => codes(besideTheShop([view('V', 'id', { id: z.string(), field })]))

it('finds nothing wrong in the shop, but says whom it refers to outside', () => {
  expect(checkModel(shop)).toEqual([
    expect.objectContaining({
      code: 'DURE_CHECK_REF',
      level: 'warning',
      where: 'Ordering, contract command placeOrder, field customer',
    }),
    expect.objectContaining({ code: 'DURE_CHECK_REF', level: 'warning' }),
    expect.objectContaining({
      code: 'DURE_CHECK_REF',
      level: 'warning',
      where: expect.stringContaining('Inventory'),
    }),
  ])
})

describe('what is followed', () => {
  it('happens in the context, or is published', () => {
    const Nothing = event('Nothing', {})
    const Book = view('Book', 'id', { id: ref('Till') }).on(
      Nothing,
      () => undefined,
      () => null,
    )
    expect(besideTheShop([follow(Nothing), Book])).toEqual([
      expect.objectContaining({ code: 'DURE_CHECK_EVENT', where: 'Sales, policy "open a till"' }),
      expect.objectContaining({ code: 'DURE_CHECK_EVENT', where: 'Sales, view Book' }),
    ])
  })

  it('may be a message that a translator makes', () => {
    const Heard = event('Heard', {})
    const heard = translate(Ordering.events.OrderPlaced).into(Heard, () => ({}))
    expect(besideTheShop([follow(Heard), heard], [edge('anti-corruption')])).toEqual([])
  })

  it('is not the inner event of another context', () => {
    const [found] = besideTheShop([follow(Stock.events.StockReserved)])
    expect(found?.fix).toBe(
      'It happens inside Inventory: let Inventory publish it, and follow the event of its contract.',
    )
  })

  it('comes from a context of the system, and its contract has it', () => {
    const Absent = contract('Absent', { events: { Gone: {} } })
    const Other = contract('Ordering', { events: { Gone: {} } })
    expect(codes(besideTheShop([follow(Absent.events.Gone)]))).toEqual([
      'DURE_RELATION_MISSING',
      'DURE_CHECK_CONTEXT',
    ])
    expect(codes(besideTheShop([follow(Other.events.Gone)], [edge('conformist')]))).toEqual([
      'DURE_CHECK_PROMISE',
    ])
  })

  it('is not the own published event', () => {
    const Loud = contract('Loud', { events: { Opened: {} } })
    const loud = context(Loud, [Till, follow(Loud.events.Opened)]).implements({
      events: { Opened: publish(Opened, () => ({})) },
    })
    expect(codes(checkModel(system('S', { contexts: [loud] })))).toEqual(['DURE_CHECK_OWN_EVENT'])
  })
})

describe('the context map', () => {
  it('has an edge for each subscription and translator', () => {
    const Heard = event('Heard', {})
    const heard = translate(Ordering.events.OrderPlaced).into(Heard, () => ({}))
    expect(codes(besideTheShop([follow(Ordering.events.OrderPlaced)]))).toEqual(['DURE_RELATION_MISSING'])
    expect(codes(besideTheShop([heard]))).toEqual(['DURE_RELATION_MISSING'])
  })

  it.each([
    ['anti-corruption', ['DURE_CHECK_TRANSLATOR']],
    ['customer-supplier', ['DURE_CHECK_TRANSLATOR']],
    ['conformist', []],
    ['open-host', []],
  ] as const)('under %s following an upstream event gives %j', (as, expected) => {
    expect(codes(besideTheShop([follow(Ordering.events.OrderPlaced)], [edge(as)]))).toEqual(expected)
  })

  it('opens only a host that promises something', () => {
    const map: Relation[] = [{ upstream: Sales, downstream: Ordering, as: 'open-host' }]
    expect(codes(besideTheShop([], map))).toEqual(['DURE_CHECK_OPEN_HOST'])
  })

  it('names contexts of the system, two different ones, once', () => {
    const Absent = contract('Absent', {})
    expect(problems({ upstream: Absent, downstream: Sales, as: 'conformist' })).toEqual([
      'One side of it is of Absent, which is not in the system.',
    ])
    expect(problems({ upstream: Sales, downstream: Sales, as: 'conformist' })).toEqual([
      'Sales is related to itself.',
    ])
    expect(problems(edge('conformist'), edge('open-host'))).toEqual([
      'Ordering and Sales are related twice in this direction.',
    ])
    expect(problems({ sharedKernel: 'kernel', between: [Sales] })).toEqual([
      'kernel is shared between fewer than two contexts.',
    ])
    expect(problems({ sharedKernel: 'kernel', between: [Sales, Inventory] })).toEqual([])
  })
})

describe('commands', () => {
  it('belong to an aggregate of the context', () => {
    const foreign = policy('reserve from afar')
      .on(Opened)
      .issues({ reserve: Stock.commands.reserve })
      .do(() => [])
    expect(besideTheShop([foreign])).toEqual([
      expect.objectContaining({
        code: 'DURE_CHECK_PART',
        message: 'Stock.reserve is not a command of an aggregate of Sales.',
      }),
    ])
    const Open = contract('Open', { commands: { open: {} } })
    const open = context(Open, []).implements({ commands: { open: Till.commands.open } })
    expect(codes(checkModel(system('S', { contexts: [open] })))).toEqual(['DURE_CHECK_PART'])
  })
})

describe('events of contracts', () => {
  it('come from one aggregate', () => {
    const Safe = aggregate('Safe', { state: {}, events: { Opened } })
      .starts({ Opened: () => ({}) })
      .evolves({})
    const Loud = contract('Loud', { events: { SomethingOpened: {} } })
    const loud = context(Loud, [Till, Safe]).implements({
      events: { SomethingOpened: publish(Opened, () => ({})) },
    })
    expect(checkModel(system('S', { contexts: [loud] }))).toEqual([
      expect.objectContaining({
        code: 'DURE_CHECK_EVENT_SHARED',
        message: 'SomethingOpened is published from Opened, which Till and Safe have.',
      }),
    ])
  })

  it('come from the context itself', () => {
    const Loud = contract('Loud', { events: { Opened: {} } })
    const loud = context(Loud, []).implements({ events: { Opened: publish(Opened, () => ({})) } })
    expect(codes(checkModel(system('S', { contexts: [loud] })))).toEqual(['DURE_CHECK_EVENT'])
  })
})

describe('refs', () => {
  it('with a name close to an aggregate are slips', () => {
    const Book = view('Book', 'id', { id: ref('Odrer') })
    expect(besideTheShop([Book])).toEqual([
      expect.objectContaining({
        code: 'DURE_CHECK_REF',
        where: 'Sales, view Book, field id',
        fix: 'Did you mean Order?',
      }),
    ])
  })

  it('to a name that two contexts use are ambiguous', () => {
    const Other = aggregate('Order', { state: { till: ref('Order') }, events: { Opened } })
      .starts({ Opened: () => ({ till: 'a' as never }) })
      .evolves({})
    const whole = system('S', { contexts: [ordering, sales(Other)], map: [] })
    expect(checkModel(whole).filter((it) => it.code === 'DURE_CHECK_REF_AMBIGUOUS')).toEqual([
      expect.objectContaining({
        level: 'warning',
        message: "ref('Order') could mean the aggregate of Ordering or Sales.",
      }),
    ])
  })
})

describe('value objects and entities', () => {
  const one = valueObject('Price', { amount: z.int() })
  const other = valueObject('Price', { amount: z.int(), currency: z.string() })
  const alike = valueObject('Price', { amount: z.int() })

  it('of one name have the same fields in a context', () => {
    const A = view('A', 'id', { id: z.string(), price: one })
    const B = view('B', 'id', { id: z.string(), price: other })
    const C = view('C', 'id', { id: z.string(), price: alike })
    expect(codes(besideTheShop([A, C]))).toEqual([])
    expect(besideTheShop([A, B])).toEqual([
      expect.objectContaining({ code: 'DURE_CHECK_CLASS', where: 'Sales, view B' }),
    ])
  })
})

describe('routes', () => {
  const placed = Ordering.commands.placeOrder
  const byId = Ordering.queries.orderById

  it.each([
    ['what no contract promises', [route('POST /x', { ...placed, name: 'sell' })], 'DURE_CHECK_PROMISE'],
    ['a context outside', [route('POST /x', { ...placed, context: 'Absent' })], 'DURE_CHECK_CONTEXT'],
    ['a parameter without a field', [route('GET /orders/:order', byId)], 'DURE_CHECK_ROUTE_PARAMETER'],
    [
      'two for one request',
      [route('GET /orders/:id', byId), route('GET /orders/:status', Ordering.queries.orders)],
      'DURE_CHECK_ROUTE_TWICE',
    ],
  ])('%s', (_, routes, code) => {
    expect(codes(besideTheShop([], [], routes))).toEqual([code])
  })

  it('may share a path under two methods', () => {
    expect(
      codes(
        besideTheShop(
          [],
          [],
          [route('GET /orders/:id', byId), route('POST /orders/:id', Ordering.commands.approveOrder)],
        ),
      ),
    ).toEqual([])
  })
})

describe('what is stored', () => {
  it.each<[string, Field]>([
    ['zod transform', z.string().transform(Number)],
    ['zod transform into a schema', z.string().transform(Number).pipe(z.number())],
    ['zod transform of one kind', z.string().transform((it) => `${it}!`)],
    ['zod preprocess', z.preprocess((it) => `${String(it)}!`, z.string())],
    ['zod inside an object', z.object({ a: z.string().transform(Number) })],
    ['zod codec', z.codec(z.string(), z.number(), { decode: Number, encode: String })],
    ['valibot transform', v.pipe(v.string(), v.transform(Number))],
    ['arktype morph', type('string.numeric.parse')],
  ])('does not transform: %s', (_, field) => {
    expect(problemOf(field)).toEqual(['DURE_SCHEMA_TRANSFORMS'])
  })

  it.each<[string, Field]>([
    ['zod date', z.date()],
    ['zod bigint', z.bigint()],
    ['arktype date', type('Date')],
    ['valibot date', v.date()],
    ['coerced date', z.coerce.date()],
  ])('is JSON: %s', (_, field) => {
    expect(problemOf(field)).toHaveLength(1)
  })

  it.each<[string, Field]>([
    ['zod refinement', z.string().refine(async () => true)],
    [
      'valibot check',
      v.pipeAsync(
        v.string(),
        v.checkAsync(async () => true),
      ),
    ],
  ])('does not wait: %s', (_, field) => {
    expect(problemOf(field)).toEqual(['DURE_SCHEMA_ASYNC'])
  })

  it.each<[string, Field]>([
    ['object with a default', z.object({ a: z.string().default('x'), b: z.int().optional() })],
    ['trimmed', z.string().trim()],
    ['coerced', z.coerce.number()],
    ['narrowed', z.string().pipe(z.email())],
    ['record', z.record(z.string(), z.int())],
    ['union', z.union([z.string(), z.int()])],
    ['caught', z.string().catch('x')],
    ['anything', z.any()],
    ['custom', z.custom<string>()],
    ['null', z.string().nullable()],
    [
      'a check that throws',
      v.pipe(
        v.any(),
        v.check((it) => (it as { a: { b: boolean } }).a.b),
      ),
    ],
  ])('may be: %s', (_, field) => {
    expect(problemOf(field)).toEqual([])
  })

  it('is free in commands and queries', () => {
    const Free = contract('Free', { queries: { q: { in: { at: z.coerce.date() }, out: { at: z.date() } } } })
    const free = context(Free, []).implements({ queries: { q: () => undefined } })
    expect(checkModel(system('S', { contexts: [free] }))).toEqual([])
  })
})

it('keeps the policy of the fixture in its place', () => {
  expect(codes(besideTheShop([reserveStock], [edge('conformist')]))).toEqual([
    'DURE_CHECK_PART',
    'DURE_CHECK_PART',
  ])
})
