import * as z from 'zod'
import { describe, expect, test } from 'vitest'
import { aggregate, entity, event, list, object, oneOf, optional, ref, valueObject, type Fields } from 'dure'
import { asEvents, asState, type Persistence } from 'dure/persistence'
import type { AggregateDefinition } from '../domain/aggregate-definition.ts'
import { Order } from '../../test/fixtures/ordering.ts'
import { keepingOf, refuseUnplaced, type Keeping } from './keeping.ts'

const Started = event('Started', {})
const Changed = event('Changed', {})

/** An aggregate of these fields. */
function thing(state: Fields = {}, name = 'Thing', evolve = (it: object): object => it) {
  return aggregate(name, { state, events: { Started, Changed } })
    .starts({ Started: () => ({}) })
    .evolves({ Changed: evolve })
}

const keptOf = (it: Persistence) => (keepingOf([it], [it.aggregate]).get(it.aggregate.name) as Keeping).kept
const rows = (state: Fields, options = {}) => keptOf(asState(thing(state), options)).shape

const snapshots = (evolve: (it: object) => object, revision = 0) =>
  keptOf(asEvents(thing({ a: z.string() }, 'Thing', evolve), { revision })).shape

const invalid = (reason: RegExp) =>
  expect.objectContaining({ code: 'DURE_MAPPING_INVALID', message: expect.stringMatching(reason) })

describe('how each aggregate of a context is kept', () => {
  const A = thing({ a: z.string() }, 'A')
  const B = thing({ b: z.string() }, 'B')
  const C = thing({ c: z.string() }, 'C')
  const all = [A, B, C].map((it) => it.definition)

  test('as listed; else as events with measured snapshots', () => {
    const keepings = keepingOf([asState(A), asEvents(B, { snapshots: { every: 7 } })], all)
    expect([...keepings.keys()]).toEqual(['A', 'B', 'C'])
    expect(keepings.get('A')).toMatchObject({ way: 'state', kept: { aggregate: 'A' } })
    expect(keepings.get('A')?.kept.tables).toBe(keepings.get('A')?.mapping?.tables)
    expect(keepings.get('A')?.mapping?.tables.root.name).toBe('a')
    expect(keepings.get('B')).toMatchObject({ way: 'events', snapshots: { every: 7 } })
    expect(keepings.get('C')).toMatchObject({ way: 'events', snapshots: 'measured' })
    expect(keepings.get('C')?.kept.tables).toBeUndefined()
  })

  test('an aggregate that got more steps after it was listed is the same', () => {
    const More = A.factory('start', {}, (_, { emit }) => emit.Started({}))
    expect(keepingOf([asState(A)], [More.definition]).get('A')?.way).toBe('state')
  })

  test('one of the same name in another context is another', () => {
    const Other = thing({ a: z.string() }, 'A')
    expect(keepingOf([asState(A)], [Other.definition]).get('A')?.way).toBe('events')
  })

  test('the way to adopt rows is handed on', () => {
    const kept = asState(A, { adopt: (_, { emit }) => emit.Started({}) })
    expect(kept.adopt).toBeTypeOf('function')
    expect(keepingOf([kept], all).get('A')?.adopt).toBe(kept.adopt)
  })

  const wrong: readonly (readonly [string, () => readonly Persistence[], RegExp])[] = [
    ['twice the same', () => [asState(A), asEvents(A)], /asEvents\(A\): .* listed twice/],
    [
      'one table for two',
      () => [asState(A), asState(B, { table: 'a' })],
      /asState\(B\): the table a is taken by A/,
    ],
    [
      'one table of somebody else’s for two',
      () => [asState(A, { table: 'x.t' }), asState(B, { table: 'x.t' })],
      /the table x\.t is taken by A/,
    ],
  ]
  test.each(wrong)('refused: %s', (_, persistence, reason) => {
    expect(() => keepingOf(persistence(), all)).toThrow(invalid(reason))
  })

  test('a root in the table of another’s list', () => {
    const Line = thing({}, 'OrderLines')
    const both = [Order.definition, Line.definition]
    expect(() => keepingOf([asState(Order), asState(Line)], both)).toThrow(invalid(/order_lines is taken/))
  })

  test('contexts have schemas of their own, but somebody else’s table is one table', () => {
    const mine = thing({}, 'Mine')
    const persistence = [asState(A, { table: 't' }), asState(mine, { table: 't' })]
    expect(keepingOf(persistence, all).get('A')?.way).toBe('state')
    const shared = [asState(A, { table: 'x.t' }), asState(mine, { table: 'x.t' })]
    expect(() => keepingOf(shared, all)).toThrow(invalid(/x\.t is taken/))
  })

  test('an aggregate that is in no context', () => {
    expect(() => refuseUnplaced([asState(A)], [B.definition])).toThrow(
      invalid(/no context .* has the aggregate A/),
    )
    expect(() => refuseUnplaced([asState(A)], all)).not.toThrow()
  })

  test.each([0, -1, 1.5, Number.NaN])('a snapshot every %d events', (every) => {
    expect(() => asEvents(A, { snapshots: { every } })).toThrow(invalid(/not possible/))
  })

  test.each([-1, 0.5, Number.NaN])('the revision %d', (revision) => {
    expect(() => asEvents(A, { revision })).toThrow(invalid(/asEvents\(A\): the revision/))
    expect(() => asState(A, { revision })).toThrow(invalid(/asState\(A\): the revision/))
  })
})

describe('the shape of rows', () => {
  const Money = valueObject('Money', { amount: z.int(), currency: oneOf('KRW', 'USD') })
  const Line = entity('Line', 'no', { no: z.string(), price: Money })
  const fields = {
    a: z.string(),
    money: Money,
    lines: list(Line),
    to: ref('X'),
    o: z.object({ x: z.int(), y: z.int() }),
  }
  test('is short, and the same for the same', () => {
    expect(rows(fields)).toMatch(/^[0-9a-f]{16}$/)
    expect(rows({ ...fields })).toBe(rows(fields))
  })

  test('does not depend on the order of fields or of words', () => {
    const { a, money: _, ...others } = fields
    const money = valueObject('Money', { currency: oneOf('USD', 'KRW'), amount: z.int() })
    const o = z.object({ y: z.int(), x: z.int() })
    expect(rows({ ...others, o, money, a })).toBe(rows(fields))
  })

  test.each<[string, Fields, object]>([
    ['a field more', { ...fields, b: z.string() }, {}],
    ['a field less', { a: z.string() }, {}],
    ['a field that may be absent', { ...fields, a: optional(z.string()) }, {}],
    ['a foreign field that may be absent', { ...fields, a: z.string().optional() }, {}],
    ['another kind', { ...fields, a: z.int() }, {}],
    ['narrower', { ...fields, a: z.string().max(3) }, {}],
    [
      'another word',
      { ...fields, money: valueObject('Money', { amount: z.int(), currency: oneOf('KRW') }) },
      {},
    ],
    ['another class', { ...fields, money: valueObject('Cash', Money.fields) }, {}],
    ['no class', { ...fields, money: object(Money.fields) }, {}],
    [
      'another identity',
      { ...fields, lines: list(entity('Line', 'id2', { id2: z.string(), price: Money })) },
      {},
    ],
    ['another aggregate', { ...fields, to: ref('Y') }, {}],
    ['a field inside JSON', { ...fields, o: z.object({ x: z.int() }) }, {}],
    ['another column', fields, { columns: { a: 'b' } }],
    ['another column of a key', fields, { columns: { 'lines.no': 'line_no' } }],
    ['another table', fields, { table: 'things' }],
    ['another child table', fields, { columns: { lines: 'items' } }],
    ['another revision', fields, { revision: 1 }],
  ])('%s: another shape', (_, state, options) => {
    expect(rows(state, options)).not.toBe(rows(fields))
  })

  test('columns that change places: another shape', () => {
    const two = { a: z.string(), b: z.string() }
    expect(rows(two, { columns: { a: 'b', b: 'a' } })).not.toBe(rows(two))
  })

  test('how a state evolves is for the revision to say', () => {
    const copying = thing(fields, 'Thing', (it) => ({ ...it }))
    expect(keptOf(asState(copying)).shape).toBe(rows(fields))
  })
})

describe('the shape of snapshots', () => {
  test('is another with another handler or revision, and none of rows', () => {
    const kept = snapshots((it) => it)
    expect(snapshots((it) => it)).toBe(kept)
    expect(snapshots((it) => ({ ...it }))).not.toBe(kept)
    expect(snapshots((it) => it, 1)).not.toBe(kept)
    expect(keptOf(asState(thing({ a: z.string() }))).shape).not.toBe(kept)
  })

  test('of an aggregate that is not listed is that of one listed without options', () => {
    const definition: AggregateDefinition = thing({ a: z.string() }).definition
    const byDefault = keepingOf([], [definition]).get('Thing')?.kept
    expect(byDefault).toEqual(keptOf(asEvents(thing({ a: z.string() }))))
  })
})
