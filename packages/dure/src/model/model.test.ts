import * as z from 'zod'
import { describe, expect, test } from 'vitest'
import {
  aggregate,
  context,
  contract,
  domainService,
  event,
  handle,
  list,
  object,
  policy,
  publish,
  ref,
  route,
  system,
  view,
} from 'dure'
import { Order, OrderApproved, OrderPlaced } from '../../test/fixtures/ordering.ts'
import { OrderList, Ordering, Stock, ordering, reserveStock } from '../../test/fixtures/shop.ts'
import type { Message } from './message.ts'

const code = (it: string) => expect.objectContaining({ code: it }) as Error
const message = {
  id: 'o-1',
  at: new Date(0),
  version: 1,
  actor: 'a',
  tenant: 't',
  correlation: 'c',
} as unknown as Message

describe('a contract', () => {
  test('gives what it promises as values that know where they belong', () => {
    expect(Ordering.commands.approveOrder).toMatchObject({
      kind: 'contract-command',
      context: 'Ordering',
      name: 'approveOrder',
    })
    expect(Ordering.events.OrderPlaced).toMatchObject({ kind: 'event', context: 'Ordering', version: 1 })
    expect(Ordering.queries.orderById).toMatchObject({
      kind: 'contract-query',
      context: 'Ordering',
      name: 'orderById',
    })
    expect(contract('Empty', {})).toMatchObject({ commands: {}, events: {}, rejections: {}, queries: {} })
  })

  test.each([
    ['a command', { commands: { 'place-order': {} } }],
    ['an event', { events: { constructor: {} } }],
    ['a query', { queries: { '': { in: {}, out: {} } } }],
    ['a rejection', { rejections: { 'No!': {} } }],
    ['a field of a command', { commands: { place: { 'a-b': z.string() } } }],
    ['a field of an event', { events: { Placed: { 'a-b': z.string() } } }],
    ['a field of a rejection', { rejections: { Full: { 'a-b': z.string() } } }],
    ['a field of a question', { queries: { all: { in: { 'a-b': z.string() }, out: {} } } }],
  ] as const)('refuses the name of %s at once', (_, shapes) => {
    expect(() => contract('X', shapes as never)).toThrow(code('DURE_MODEL_NAME'))
  })

  test('refuses its own name and a field that is none', () => {
    expect(() => contract('my shop', {})).toThrow(code('DURE_MODEL_NAME'))
    expect(() => contract('X', { commands: { place: { a: 'string' as never } } })).toThrow(
      code('DURE_MODEL_INVALID'),
    )
  })
})

const Shop = contract('Shop', {
  commands: { approve: { id: ref('Order') } },
  events: { Placed: { total: z.int() } },
})
const kept = {
  commands: { approve: Order.commands.approve },
  events: { Placed: publish(OrderPlaced, () => ({ total: 1 })) },
}
const implement = (implementation: object, parts: readonly unknown[] = [Order]) =>
  context(Shop, parts as never).implements(implementation as never)

describe('a context', () => {
  test('sorts its parts and keeps its promises', () => {
    const price = domainService('price', (n: number) => n * 2)
    const { definition } = implement(kept, [Order, OrderList, reserveStock, price])
    expect(definition.aggregates).toEqual([Order])
    expect(definition.views).toEqual([OrderList])
    expect(definition.policies).toEqual([reserveStock])
    expect(definition.services).toEqual([price])
    expect([...definition.commands.keys(), ...definition.events.keys()]).toEqual(['approve', 'Placed'])
    expect(price(2)).toBe(4)
  })

  test.each([
    ['misses a command', { ...kept, commands: {} }, 'nothing implements the command approve'],
    ['misses an event', { ...kept, events: {} }, 'nothing implements the event Placed'],
    ['misses everything', {}, 'nothing implements the command approve'],
    ['keeps what nobody promised', { ...kept, queries: { total: () => 1 } }, 'implements the query total'],
  ])('that %s is refused', (_, implementation, sentence) => {
    expect(() => implement(implementation)).toThrow(sentence)
  })

  test.each([
    ['an aggregate', [Order, Order]],
    ['a view', [OrderList, view('OrderList', 'id', { id: z.string() })]],
    ['a policy', [reserveStock, reserveStock]],
  ])('has %s once', (_, parts) => {
    expect(() => implement(kept, parts)).toThrow(code('DURE_MODEL_DUPLICATE'))
  })

  test.each([
    ['an event', OrderPlaced],
    ['a contract', Shop],
    ['nothing', undefined],
    ['a handler', handle(Order.commands.approve, () => ({ id: 'x' }))],
  ])('takes %s for no part of itself', (_, part) => {
    expect(() => implement(kept, [Order, part])).toThrow(code('DURE_MODEL_INVALID'))
  })
})

describe('a policy', () => {
  const data = { lines: [{ product: 'p', quantity: 2 }], total: 1 }

  test('knows its event, its publisher and its commands, and issues', () => {
    const { definition } = reserveStock
    expect(definition).toMatchObject({ event: Ordering.events.OrderPlaced, from: 'Ordering' })
    expect(definition.run(data, message)).toMatchObject([
      { as: 'reserve', id: 'stock-p', input: { order: 'o-1', quantity: 2 } },
    ])
    expect(
      policy('x')
        .on(OrderApproved)
        .issues({})
        .do(() => []).definition,
    ).toMatchObject({ from: undefined, onRejected: undefined })
  })

  test('one command need not be in a list; a command without fields needs no input', () => {
    const one = policy('x')
      .on(OrderApproved)
      .issues({ erase: Order.commands.erase })
      .do((_, m, { erase }) => erase(m.id))
    expect(one.definition.run({}, message)).toMatchObject([{ id: 'o-1', input: {} }])
  })

  test('.rejected makes another policy', () => {
    const before = policy('x')
      .on(OrderApproved)
      .issues({})
      .do(() => [])
    expect(before.rejected(() => []).definition.onRejected).toBeTypeOf('function')
    expect(before.definition.onRejected).toBeUndefined()
  })

  test.each([undefined, 1, {}, [{}], [[]], Promise.resolve([])])('that returns %j is misuse', (outcome) => {
    const bad = policy('x')
      .on(OrderApproved)
      .issues({})
      .do(() => outcome as never)
    expect(() => bad.definition.run({}, message)).toThrow('its issuing functions did not make')
  })

  test.each([undefined, '', 'a\nb', 1])('refuses to issue to the id %j', (id) => {
    const bad = policy('x')
      .on(OrderApproved)
      .issues({ erase: Order.commands.erase })
      .do((_, __, { erase }) => erase(id as never))
    expect(() => bad.definition.run({}, message)).toThrow(code('DURE_ID_INVALID'))
  })
})

describe('a view', () => {
  const row = { id: ref('Order'), n: z.int() }

  test('every subscription makes another view', () => {
    const empty = view('V', 'id', row)
    const one = empty.on(
      OrderApproved,
      (_, m) => m.id,
      () => null,
    )
    expect([empty.definition.subscriptions.length, one.definition.subscriptions.length]).toEqual([0, 1])
    expect(one.definition).toMatchObject({ name: 'V', keyField: 'id' })
  })

  test.each([
    [
      'an event twice',
      () =>
        view('V', 'id', row)
          .on(
            OrderApproved,
            () => 'x',
            () => null,
          )
          .on(
            OrderApproved,
            () => 'x',
            () => null,
          ),
      'DURE_MODEL_DUPLICATE',
    ],
    ['a key that is no field', () => view('V', 'toString' as never, row), 'DURE_MODEL_INVALID'],
    ['a name with a space', () => view('a view', 'id', row), 'DURE_MODEL_NAME'],
    ['a field that is none', () => view('V', 'id', { id: {} as never }), 'DURE_MODEL_INVALID'],
  ])('%s is refused', (_, declare, expected) => {
    expect(declare).toThrow(code(expected))
  })
})

describe('a route', () => {
  test('is an alias', () => {
    expect(route('GET /orders/:id', Ordering.queries.orderById)).toMatchObject({
      method: 'GET',
      path: '/orders/:id',
    })
  })
  test.each([
    ['GET /x', Ordering.commands.approveOrder],
    ['POST /x', Ordering.queries.orderById],
    ['get /x', Ordering.queries.orderById],
    ['GET x', Ordering.queries.orderById],
    ['GET  /x', Ordering.queries.orderById],
    ['HEAD /x', Ordering.queries.orderById],
    ['GET /x?y', Ordering.queries.orderById],
    ['', Ordering.queries.orderById],
  ])('%j is refused', (at, target) => {
    expect(() => route(at, target)).toThrow(code('DURE_MODEL_INVALID'))
  })
})

describe('a system', () => {
  test('is data', () => {
    expect(system('Shop', { contexts: [ordering] })).toMatchObject({
      kind: 'system',
      elsewhere: [],
      name: 'Shop',
      map: [],
      routes: [],
    })
  })
  test('tells contexts apart also where capitals do not count, as in a schema', () => {
    const other = context(contract('ORDERING', {}), []).implements({})
    expect(() => system('Shop', { contexts: [ordering, other] })).toThrow(code('DURE_MODEL_DUPLICATE'))
    expect(() => system('my shop', { contexts: [] })).toThrow(code('DURE_MODEL_NAME'))
  })
  test('a context may be empty', () => {
    const Nothing = aggregate('Nothing', { state: {}, events: { Began: event('Began', {}) } })
    expect(Nothing).toBeDefined()
    expect(context(contract('Empty', {}), [Stock]).implements({}).definition.commands.size).toBe(0)
    expect(list(object({ a: z.string() })).of.fields).toHaveProperty('a')
  })
})
