import * as z from 'zod'
import { describe, expect, test } from 'vitest'
import {
  aggregate,
  bigInt,
  entity,
  event,
  instant,
  list,
  oneOf,
  optional,
  ref,
  valueObject,
  type Fields,
} from 'dure'
import type { JsonObject } from '../../kernel/json.ts'
import type { Cell, StateRows } from '../../ports/state-store.ts'
import { changeOf } from '../change.ts'
import { fromRows, toRows } from '../rows.ts'
import { mappingOf, type Mapping } from './mapping.ts'

class Money extends valueObject('Money', { amount: z.int(), currency: oneOf('KRW', 'USD') }) {}
class Note extends entity('Note', 'noteId', { noteId: z.string(), text: z.string() }) {}
class Line extends entity('Line', 'lineId', { lineId: z.int(), price: Money, notes: list(Note) }) {}

const Started = event('Started', {})

function mapped(state: Fields): Mapping {
  const built = aggregate('Order', { state, events: { Started } }).starts({ Started: () => ({}) })
  return mappingOf((built as unknown as { definition: never }).definition)
}

const fields = {
  customer: ref('Customer'),
  lines: list(Line),
  paid: optional(Money),
  tags: z.array(z.string()),
}
const mapping = mapped(fields)
const won = (amount: number) => ({ amount, currency: 'KRW' })
const order: JsonObject = {
  customer: 'c',
  lines: [
    { lineId: 7, price: won(1), notes: [{ noteId: 'x', text: 'a' }] },
    {
      lineId: 8,
      price: won(2),
      notes: [
        { noteId: 'x', text: 'b' },
        { noteId: 'y', text: 'c' },
      ],
    },
  ],
  tags: ['t'],
}
const rows: StateRows = {
  root: ['c', null, null, '["t"]'],
  children: [
    [
      ['7', 0, 1, 'KRW'],
      ['8', 1, 2, 'KRW'],
    ],
    [
      ['7', 'x', 0, 'a'],
      ['8', 'x', 0, 'b'],
      ['8', 'y', 1, 'c'],
    ],
  ],
}

describe('writing', () => {
  test('keys are texts, then comes the place in the list, then the columns', () => {
    expect(toRows(mapping, order, 'o')).toEqual(rows)
  })

  const line = order['lines'] as readonly JsonObject[]
  const wrong: readonly (readonly [string, JsonObject, RegExp])[] = [
    ['a field is missing', { ...order, customer: undefined as never }, /customer is missing/],
    ['a field is null', { ...order, customer: null }, /customer is null/],
    ['a field is of another kind', { ...order, customer: 1 }, /customer is not a text/],
    ['a list is missing', { ...order, lines: undefined as never }, /lines is missing/],
    ['a value object is missing', { ...order, lines: [{ lineId: 1, notes: [] }] }, /lines\.price is missing/],
    ['an entity is none', { ...order, lines: [1] }, /lines holds what is no entity/],
    [
      'an identity is missing',
      { ...order, lines: [{ price: won(1), notes: [] }] },
      /lineId .* is not a whole number/,
    ],
    ['two are the same', { ...order, lines: [line[0] as never, line[0] as never] }, /the same lineId/],
    ['a part is half there', { ...order, paid: { amount: 1 } }, /paid\.currency is missing/],
  ]
  test.each(wrong)('refused where %s', (_, state, reason) => {
    expect(() => toRows(mapping, state, 'o')).toThrow(
      expect.objectContaining({ code: 'DURE_STATE_UNSTORABLE', message: expect.stringMatching(reason) }),
    )
  })

  const refused = expect.objectContaining({ code: 'DURE_STATE_UNSTORABLE' })

  test.each(['-004713-12-31T23:59:59.999Z', '-271821-04-20T00:00:00.000Z'])(
    'the instant %s is refused',
    (at) => {
      expect(() => toRows(mapped({ at: instant() }), { at: new Date(at) }, 'o')).toThrow(refused)
    },
  )

  test.each(['-004712-01-01T00:00:00.000Z', '+275760-09-13T00:00:00.000Z'])('the instant %s', (at) => {
    expect(toRows(mapped({ at: instant() }), { at: new Date(at) }, 'o').root).toEqual([at])
  })

  test('a whole number that no number holds exactly is refused', () => {
    expect(() => toRows(mapped({ n: z.int() }), { n: 2 ** 53 }, 'o')).toThrow(refused)
  })
})

/** The rows with one cell changed: of the root, or of a row of a child table. */
function spoilt(cell: Cell, at: number, child?: readonly [table: number, row: number]): StateRows {
  const put = (row: readonly Cell[]) => row.with(at, cell)
  if (child === undefined) return { ...rows, root: put(rows.root) }
  const [table, index] = child
  const list = rows.children[table] as (typeof rows.children)[0]
  return {
    ...rows,
    children: rows.children.with(table, list.with(index, put(list[index] as readonly Cell[]))),
  }
}

describe('reading', () => {
  test('the lists are in the order of their ordinals, whatever the rows are in', () => {
    const shuffled = { ...rows, children: rows.children.map((it) => it.toReversed()) }
    expect(fromRows(mapping, shuffled, 'o')).toEqual(order)
  })

  test('ordinals may have holes, and begin anywhere', () => {
    expect(fromRows(mapping, spoilt(40, 1, [0, 1]), 'o')).toEqual(order)
  })

  test('a value object whose columns are NULL is absent', () => {
    expect('paid' in fromRows(mapping, rows, 'o')).toBe(false)
    expect(fromRows(mapping, { ...rows, root: ['c', 5, 'USD', '[]'] }, 'o')['paid']).toEqual({
      amount: 5,
      currency: 'USD',
    })
  })

  const wrong: readonly (readonly [string, StateRows, string, string, RegExp])[] = [
    ['NULL in a required column', spoilt(null, 0), 'order', 'customer', /NULL/],
    ['NULL in a required JSON column', spoilt(null, 3), 'order', 'tags', /NULL/],
    ['half a value object', spoilt(1, 1), 'order', 'paid_currency', /NULL/],
    [
      'a word that is none of them',
      spoilt('EUR', 3, [0, 0]),
      'order_lines',
      'price_currency',
      /none of KRW, USD/,
    ],
    ['what is no JSON', spoilt('{', 3), 'order', 'tags', /not JSON/],
    ['a number as a text', spoilt('1', 2, [0, 0]), 'order_lines', 'price_amount', /whole number/],
    ['a fraction', spoilt(1.5, 2, [0, 0]), 'order_lines', 'price_amount', /whole number/],
    ['a key of another kind', spoilt('seven', 0, [0, 0]), 'order_lines', 'line_id', /whole number/],
    ['NULL as the place', spoilt(null, 1, [0, 0]), 'order_lines', 'ordinal', /number/],
  ]
  test.each(wrong)('refused: %s', (_, found, table, column, reason) => {
    expect(() => fromRows(mapping, found, 'o')).toThrow(
      expect.objectContaining({
        code: 'DURE_STATE_UNREADABLE',
        details: { table, id: 'o', column, reason: expect.stringMatching(reason) },
      }),
    )
  })

  test.each([
    [instant(), '2026-01-01 00:00:00+00'],
    [instant(), 'infinity'],
    [bigInt(), '1.00'],
  ])('refused: a text that its codec would not read', (field, cell) => {
    expect(() => fromRows(mapped({ a: field }), { root: [cell], children: [] }, 'o')).toThrow(
      expect.objectContaining({ code: 'DURE_STATE_UNREADABLE' }),
    )
  })

  test('a row whose parent is not there', () => {
    expect(() => fromRows(mapping, spoilt('9', 0, [1, 2]), 'o')).toThrow(
      expect.objectContaining({
        code: 'DURE_STATE_ORPHAN',
        details: { table: 'order_lines_notes', id: 'o', key: '9/y' },
      }),
    )
  })

  test('a row of a list inside a value object that is absent', () => {
    const box = valueObject('Box', { size: z.int(), notes: list(Note) })
    const inBox = mapped({ box: optional(box) })
    const lost = { root: [null], children: [[['n', 0, 'text']]] }
    expect(() => fromRows(inBox, lost, 'o')).toThrow(expect.objectContaining({ code: 'DURE_STATE_ORPHAN' }))
    expect(fromRows(inBox, { ...lost, root: [3] }, 'o')).toEqual({
      box: { size: 3, notes: [{ noteId: 'n', text: 'text' }] },
    })
  })
})

describe('changes', () => {
  const none = { upserts: [], removes: [] }

  test('a new aggregate: all its rows', () => {
    expect(changeOf(mapping, undefined, rows, 0)).toEqual({
      from: 0,
      root: rows.root,
      children: rows.children.map((upserts) => ({ upserts, removes: [] })),
      whole: false,
    })
  })

  test('rows that are not known: all of the new ones in the place of all there', () => {
    expect(changeOf(mapping, undefined, rows, 4)).toMatchObject({ from: 4, whole: true })
  })

  test('an end: no root', () => {
    expect(changeOf(mapping, rows, undefined, 4)).toEqual({ from: 4, children: [none, none], whole: false })
  })

  test('nothing in the lists changes: only the root is written', () => {
    expect(changeOf(mapping, rows, spoilt('d', 0), 4)).toEqual({
      from: 4,
      root: ['d', null, null, '["t"]'],
      children: [none, none],
      whole: false,
    })
  })

  test('a line goes: its rows are removed, the one after it moves', () => {
    const after = toRows(mapping, { ...order, lines: [(order['lines'] as JsonObject[])[1] as never] }, 'o')
    expect(changeOf(mapping, rows, after, 4).children).toEqual([
      { upserts: [['8', 0, 2, 'KRW']], removes: [['7']] },
      { upserts: [], removes: [['7', 'x']] },
    ])
  })

  test('lines change places: only their own rows are written', () => {
    const after = toRows(mapping, { ...order, lines: (order['lines'] as JsonObject[]).toReversed() }, 'o')
    const { children } = changeOf(mapping, rows, after, 4)
    expect(children[0]?.upserts.toSorted()).toEqual([
      ['7', 1, 1, 'KRW'],
      ['8', 0, 2, 'KRW'],
    ])
    expect(children[0]?.removes).toEqual([])
    expect(children[1]).toEqual(none)
  })
})
