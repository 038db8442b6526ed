import { type } from 'arktype'
import * as v from 'valibot'
import * as z from 'zod'
import { describe, expect, test } from 'vitest'
import {
  aggregate,
  bigInt,
  bytes,
  entity,
  event,
  instant,
  list,
  object,
  oneOf,
  optional,
  ref,
  valueObject,
  type Fields,
} from 'dure'
import type { AggregateTables } from '../../ports/state-store.ts'
import { mappingOf } from './mapping.ts'
import type { Naming } from './naming.ts'
import { snakeCase } from './snake-case.ts'

class Money extends valueObject('Money', { amount: z.int(), currency: oneOf('KRW', 'USD') }) {}
class Address extends valueObject('Address', {
  zipcode: z.string(),
  street: z.string(),
  floor: optional(z.int()),
}) {}
class Discount extends entity('Discount', 'code', { code: z.string(), rate: z.number() }) {}
class Line extends entity('Line', 'lineId', {
  lineId: z.string(),
  product: ref('Product'),
  quantity: z.int(),
  price: Money,
  discounts: list(Discount),
}) {}

const Started = event('Started', {})

function tablesOf(name: string, state: Fields, naming?: Naming): AggregateTables {
  const built = aggregate(name, { state, events: { Started } }).starts({ Started: () => ({}) })
  return mappingOf((built as unknown as { definition: never }).definition, naming).tables
}

/** Columns as `name kind`, with `*` where an index is worth it. */
function columnsOf(state: Fields, naming?: Naming): readonly string[] {
  return tablesOf('Thing', state, naming).root.columns.map(
    (it) => `${it.name} ${it.kind}${it.indexed ? '*' : ''}`,
  )
}

const invalid = (reason: RegExp, fix: RegExp) =>
  expect.objectContaining({
    code: 'DURE_MAPPING_INVALID',
    message: expect.stringMatching(reason),
    hint: expect.stringMatching(fix),
  })

const order = { customer: ref('Customer'), lines: list(Line), shipTo: Address, note: optional(z.string()) }

describe('derived tables', () => {
  test('an order with lines and an address', () => {
    expect(tablesOf('SalesOrder', order)).toEqual({
      derived: true,
      root: {
        name: 'sales_order',
        tenant: 'tenant',
        keys: ['id'],
        version: 'version',
        shape: 'shape',
        columns: [
          { name: 'customer', kind: 'text', indexed: true },
          { name: 'ship_to_zipcode', kind: 'text', indexed: false },
          { name: 'ship_to_street', kind: 'text', indexed: false },
          { name: 'ship_to_floor', kind: 'integer', indexed: false },
          { name: 'note', kind: 'text', indexed: false },
        ],
      },
      children: [
        {
          name: 'sales_order_lines',
          tenant: 'tenant',
          keys: ['id', 'line_id'],
          ordinal: 'ordinal',
          columns: [
            { name: 'product', kind: 'text', indexed: true },
            { name: 'quantity', kind: 'integer', indexed: false },
            { name: 'price_amount', kind: 'integer', indexed: false },
            { name: 'price_currency', kind: 'text', indexed: false },
          ],
        },
        {
          name: 'sales_order_lines_discounts',
          tenant: 'tenant',
          keys: ['id', 'line_id', 'code'],
          ordinal: 'ordinal',
          parent: 0,
          columns: [{ name: 'rate', kind: 'number', indexed: false }],
        },
      ],
    })
  })

  test('every kind of field', () => {
    const fields = {
      a: instant(),
      b: bigInt(),
      c: bytes(),
      d: oneOf('x', 'y'),
      e: z.boolean(),
      f: z.email(),
      g: z.iso.datetime(),
      h: type('number.integer'),
      i: type('"a" | "b"'),
      j: optional(ref('Order')),
      k: Discount,
      l: object({ lat: z.number(), lon: z.number() }),
    }
    expect(columnsOf(fields)).toEqual([
      'a instant',
      'b bigInt',
      'c bytes',
      'd text',
      'e boolean',
      'f text',
      'g text',
      'h integer',
      'i text',
      'j text*',
      'k_code text',
      'k_rate number',
      'l_lat number',
      'l_lon number',
    ])
  })

  test('what one scalar cannot hold is JSON', () => {
    const fields = {
      a: z.union([z.string(), z.int()]),
      b: z.array(z.string()),
      c: z.object({ x: z.string() }),
      d: z.unknown(),
      e: z.string().nullish(),
      f: list(Money),
      g: list(z.string()),
      h: optional(list(Line)),
      i: optional(valueObject('Loose', { x: optional(z.string()), y: z.string().nullable() })),
      j: v.string(),
      k: z.literal(['a', 1]),
      l: z.null(),
      m: z.string().refine(async () => Promise.resolve(true)),
    }
    const columns = tablesOf('Thing', fields)
    expect(columns.children).toEqual([])
    const kinds = columns.root.columns.map((it) => it.kind)
    expect(kinds.slice(0, -1)).toEqual(Array.from({ length: 12 }, () => 'json'))
    // Every parse of it is refused; that it is a text is all there is to know.
    expect(kinds.at(-1)).toBe('text')
  })

  test('null where nothing else is absent, and absence where null is not, are NULL', () => {
    expect(
      columnsOf({ a: z.string().nullable(), b: z.string().optional(), c: type('string | null') }),
    ).toEqual(['a text', 'b text', 'c text'])
  })

  test('an optional value object with a scalar that is always there stands beside the others', () => {
    expect(columnsOf({ to: optional(Address) })).toEqual([
      'to_zipcode text',
      'to_street text',
      'to_floor integer',
    ])
  })

  test('entities that more than one scalar tells apart are JSON', () => {
    const keyed = entity('Keyed', 'key', { key: Money })
    const loose = entity('Loose', 'key', { key: z.string().nullable() })
    expect(columnsOf({ a: list(keyed), b: list(loose) })).toEqual(['a json', 'b json'])
  })

  test('a state without fields', () => {
    expect(tablesOf('Thing', {}).root.columns).toEqual([])
  })

  test.each([
    ['shipTo', 'ship_to'],
    ['orderID', 'order_id'],
    ['HTTPServer', 'http_server'],
    ['SalesOrder', 'sales_order'],
    ['addr1', 'addr1'],
    ['line2Text', 'line2_text'],
    ['ISO8601Date', 'iso8601_date'],
    ['userIDs', 'user_ids'],
    ['IDs', 'ids'],
    ['already_snake', 'already_snake'],
    ['A', 'a'],
    ['주문', '주문'],
    ['ÄpfelÖl', 'äpfel_öl'],
  ])('%s is %s', (name, snake) => {
    expect(snakeCase(name)).toBe(snake)
  })
})

describe('names given', () => {
  test('an existing table, with a child table of its own names', () => {
    const tables = tablesOf('SalesOrder', order, {
      table: 'crm.orders',
      id: 'order_no',
      version: 'dure_version',
      shape: 'dure_shape',
      tenant: false,
      columns: {
        customer: 'customer_no',
        shipTo: '',
        'shipTo.zipcode': 'zip',
        lines: 'order_items',
        'lines.lineId': 'line_no',
        'lines.price': 'unit',
        'lines.price.currency': 'currency',
        'lines.discounts': 'billing.discounts',
      },
      children: {
        lines: { parent: 'order_no_fk', ordinal: 'position' },
        'lines.discounts': { parent: ['order_no', 'line_no'] },
      },
    })
    expect(tables.derived).toBe(false)
    expect(tables.root).toMatchObject({
      schema: 'crm',
      name: 'orders',
      keys: ['order_no'],
      version: 'dure_version',
      shape: 'dure_shape',
    })
    expect('tenant' in tables.root).toBe(false)
    expect(tables.root.columns.map((it) => it.name)).toEqual([
      'customer_no',
      'zip',
      'street',
      'floor',
      'note',
    ])
    const [lines, discounts] = tables.children
    expect(lines).toMatchObject({
      schema: 'crm',
      name: 'order_items',
      keys: ['order_no_fk', 'line_no'],
      ordinal: 'position',
    })
    expect(lines?.columns.map((it) => it.name)).toEqual(['product', 'quantity', 'unit_amount', 'currency'])
    expect(discounts).toMatchObject({
      schema: 'billing',
      name: 'discounts',
      keys: ['order_no', 'line_no', 'code'],
      parent: 0,
    })
  })

  test('a table of Dure’s own under another name', () => {
    const tables = tablesOf('Order', order, { table: 'orders' })
    expect([tables.derived, tables.root.name, tables.root.schema]).toEqual([true, 'orders', undefined])
    expect(tables.children.map((it) => it.name)).toEqual(['orders_lines', 'orders_lines_discounts'])
  })

  const wrong: readonly (readonly [string, Fields, Naming, RegExp, RegExp])[] = [
    [
      'a field that is none',
      order,
      { columns: { custmer: 'x' } },
      /names custmer/,
      /Did you mean customer\?/,
    ],
    ['a field far from all', { a: z.string() }, { columns: { zzzzzz: 'x' } }, /zzzzzz/, /Name one of a\./],
    [
      'a field inside JSON',
      { a: z.object({ b: z.string() }) },
      { columns: { 'a.b': 'x' } },
      /names a\.b/,
      /Name one of a\./,
    ],
    ['a list that is none', order, { children: { line: {} } }, /names line/, /Did you mean lines\?/],
    ['no list at all', { a: z.string() }, { children: { a: {} } }, /names a/, /It has no list of entities/],
    [
      'too few parents',
      order,
      { children: { 'lines.discounts': { parent: 'id' } } },
      /1 .* takes 2/,
      /outermost|first/,
    ],
    ['an empty name', order, { columns: { customer: '' } }, /empty name/, /columns: \{ customer:/],
    ['an empty table', order, { table: '' }, /empty name/, /table:/],
    ['a table of three parts', order, { table: 'a.b.c' }, /3 parts/, /table:/],
    ['a long name', order, { columns: { customer: '주'.repeat(22) } }, /66 bytes/, /columns: \{ customer:/],
    ['U\\+0000', order, { columns: { customer: 'a\0' } }, /U\+0000/, /columns/],
    [
      'a child of Dure’s own in another schema',
      order,
      { columns: { lines: 'crm.lines' } },
      /somebody else’s/,
      /columns: \{ lines:/,
    ],
    ['Dure’s own table', order, { table: 'events_17' }, /own table events_17/, /table:/],
    [
      'a child in Dure’s own table',
      order,
      { columns: { lines: 'streams' } },
      /own table streams/,
      /columns: \{ lines:/,
    ],
    [
      'the same column twice',
      order,
      { columns: { note: 'customer' } },
      /customer .* taken by the field customer/,
      /note/,
    ],
    ['the same column for two options', order, { shape: 'version' }, /taken by the version/, /shape: '…'/],
    ['the same table twice', order, { columns: { lines: 'thing' } }, /thing .* taken/, /columns: \{ lines:/],
    ['a column of every table', { xmax: z.number() }, {}, /xmax .* PostgreSQL’s own/, /columns: \{ xmax:/],
    ['Dure’s table of tables', order, { table: 'kept_tables' }, /own table kept_tables/, /table:/],
    ['a column of the key', { id: z.string() }, {}, /id .* taken by the id/, /columns: \{ id: '…' \}/],
    ['a column of the version', { version: z.int() }, {}, /taken by the version/, /columns: \{ version:/],
    ['a column of the tenant', { tenant: z.string() }, {}, /taken by the tenant/, /columns: \{ tenant:/],
    [
      'two fields of one snake',
      { shipTo: z.string(), ship_to: z.string() },
      {},
      /ship_to .* taken by the field shipTo/,
      /columns: \{ ship_to:/,
    ],
    [
      'an identity that is called as the aggregate’s',
      { lines: list(entity('Line', 'id', { id: z.string() })) },
      {},
      /id in thing_lines is taken by the parent/,
      /columns: \{ 'lines\.id':/,
    ],
    [
      'a place in the list as a field',
      { lines: list(entity('Line', 'no', { no: z.string(), ordinal: z.int() })) },
      {},
      /ordinal in thing_lines is taken/,
      /columns: \{ 'lines\.ordinal':/,
    ],
  ]
  test.each(wrong)('%s', (_, fields, naming, reason, fix) => {
    expect(() => tablesOf('Thing', fields, naming)).toThrow(invalid(reason, fix))
  })

  test('the way out of each collision works', () => {
    const id = { lines: list(entity('Line', 'id', { id: z.string() })) }
    expect(tablesOf('Thing', id, { columns: { 'lines.id': 'line_id' } }).children[0]?.keys).toEqual([
      'id',
      'line_id',
    ])
    expect(tablesOf('Events', order, { table: 'happenings' }).root.name).toBe('happenings')
    expect(tablesOf('Events', order, { table: 'other.events' }).derived).toBe(false)
  })

  test('an aggregate that is called as one of Dure’s tables', () => {
    expect(() => tablesOf('Events', order)).toThrow(invalid(/own table events/, /table:/))
    expect(() => tablesOf('ViewRows', order)).toThrow(invalid(/view_rows/, /table:/))
  })
})
