import { type } from 'arktype'
import fc from 'fast-check'
import * as v from 'valibot'
import * as z from 'zod'
import { describe, expect, test } from 'vitest'
import { bigInt, bytes, instant, list, object, oneOf, optional, ref, valueObject, type Fields } from 'dure'
import type { Issue } from '../../kernel/error.ts'
import type { JsonObject } from '../../kernel/json.ts'
import { sameValue } from '../equality.ts'
import { asInput, asStored, type Reading } from './codec.ts'
import { shapeOf } from './shape.ts'

class Money extends valueObject('Money', { amount: z.int(), currency: oneOf('KRW', 'USD') }) {}

function parse(
  fields: Fields,
  input: unknown,
  reading: Reading = asStored,
): { values: object; issues: Issue[] } {
  const issues: Issue[] = []
  return { values: shapeOf(fields, 'Test').parse(input, issues, reading), issues }
}

function roundTrip(fields: Fields, values: object): object {
  const shape = shapeOf(fields, 'Test')
  return shape.decode(JSON.parse(JSON.stringify(shape.encode(values))) as JsonObject)
}

/** One field of a kind, with values that it accepts. */
const kinds: readonly (readonly [Fields[string], fc.Arbitrary<unknown>])[] = [
  [z.string(), fc.string()],
  [z.int(), fc.integer()],
  [z.number(), fc.double({ noNaN: true, noDefaultInfinity: true })],
  [z.boolean().nullable(), fc.option(fc.boolean())],
  [z.array(z.string()), fc.array(fc.string())],
  [
    z.object({ a: z.string(), b: z.int().optional() }),
    fc.record({ a: fc.string(), b: fc.integer() }, { requiredKeys: ['a'] }),
  ],
  [v.pipe(v.string(), v.maxLength(5)), fc.string({ maxLength: 5 })],
  [v.object({ a: v.array(v.number()) }), fc.record({ a: fc.array(fc.integer()) })],
  [type('string'), fc.string()],
  [type({ a: 'number[]' }), fc.record({ a: fc.array(fc.integer()) })],
  [oneOf('a', 'b'), fc.constantFrom('a', 'b')],
  [ref('Order'), fc.uuid()],
  [instant(), fc.date({ noInvalidDate: true })],
  [bigInt(), fc.bigInt()],
  [bytes(), fc.uint8Array()],
  [Money, fc.record({ amount: fc.integer(), currency: fc.constantFrom('KRW', 'USD') })],
]

const field: fc.Arbitrary<readonly [Fields[string], fc.Arbitrary<unknown>]> = fc.oneof(
  { depthSize: 'small' },
  fc.constantFrom(...kinds),
  fc.constantFrom(...kinds).map(([it, values]) => [list(it), fc.array(values, { maxLength: 3 })] as const),
  fc
    .constantFrom(...kinds)
    .map(([it, values]) => [optional(it), fc.option(values, { nil: undefined })] as const),
  fc
    .tuple(fc.constantFrom(...kinds), fc.constantFrom(...kinds))
    .map(
      ([[a, as], [b, bs]]) =>
        [
          list(object({ a, b: optional(b) })),
          fc.array(fc.record({ a: as, b: bs }, { requiredKeys: ['a'] })),
        ] as const,
    ),
)

const generated = fc
  .dictionary(fc.stringMatching(/^[a-z][A-Za-z0-9_]{0,8}$/), field, { maxKeys: 6, noNullPrototype: true })
  .filter(
    (it) =>
      !(
        'constructor' in Object.fromEntries(Object.keys(it).map((key) => [key, 1])) &&
        Object.hasOwn(it, 'constructor')
      ),
  )
  .chain((it) => {
    const names = Object.keys(it)
    const fields = Object.fromEntries(names.map((name) => [name, it[name]?.[0]])) as Fields
    const values = fc.record(
      Object.fromEntries(names.map((name) => [name, it[name]?.[1] as fc.Arbitrary<unknown>])),
    )
    return values.map((input) => ({ fields, input }))
  })

describe('generated field maps', () => {
  test('what is parsed comes back from JSON the same, and is accepted again as it is', () => {
    fc.assert(
      fc.property(generated, ({ fields, input }) => {
        const { values, issues } = parse(fields, input)
        expect(issues).toEqual([])
        const back = roundTrip(fields, values)
        expect(sameValue(back, values)).toBe(true)
        const again = parse(fields, back)
        expect(again.issues).toEqual([])
        expect(sameValue(again.values, values)).toBe(true)
      }),
      { numRuns: 300 },
    )
  })

  test('nothing that was accepted can be changed from outside, and accepting changes no input', () => {
    fc.assert(
      fc.property(generated, ({ fields, input }) => {
        const before = structuredClone(input)
        const { values } = parse(fields, input)
        expect(input).toEqual(before)
        spoil(input)
        expect(openTo(values)).toEqual([])
        expect(openTo(roundTrip(fields, values))).toEqual([])
      }),
      { numRuns: 200 },
    )
  })
})

/** Where objects below the first level can be changed; dates and bytes cannot be frozen and are copies. */
function openTo(value: unknown, path = ''): readonly string[] {
  if (typeof value !== 'object' || value === null || value instanceof Date || ArrayBuffer.isView(value))
    return []
  const below = Object.entries(value).flatMap(([key, it]) => openTo(it, `${path}/${key}`))
  return path === '' || Object.isFrozen(value) ? below : [path, ...below]
}

function spoil(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return
  if (value instanceof Date) value.setTime(0)
  else if (Array.isArray(value)) value.length = 0
  else for (const it of Object.values(value)) spoil(it)
}

describe('absence', () => {
  const fields = { must: z.string(), may: optional(z.string()), nullable: z.string().nullable() }

  test('null is not absence', () => {
    expect(parse(fields, { must: 'x', nullable: null }).values).toEqual({ must: 'x', nullable: null })
    expect(parse(fields, { must: 'x', may: null, nullable: 'y' }).issues).toMatchObject([{ path: '/may' }])
  })

  test('undefined is absence, and leaves no key', () => {
    const { values } = parse(fields, { must: 'x', may: undefined, nullable: null })
    expect(Object.hasOwn(values, 'may')).toBe(false)
    expect(parse(fields, { nullable: null }).issues).toEqual([{ path: '/must', message: 'is required' }])
  })

  test('every own field of Dure is required unless optional', () => {
    const all = {
      a: instant(),
      b: bigInt(),
      c: bytes(),
      d: list(z.int()),
      e: oneOf('x'),
      f: ref('A'),
      g: Money,
    }
    expect(parse(all, {}).issues.map((it) => it.path)).toEqual(['/a', '/b', '/c', '/d', '/e', '/f', '/g'])
  })

  test('a list has no holes: JSON would fill them with null', () => {
    const holes = { all: list(optional(z.string())) }
    expect(parse(holes, { all: ['a', undefined] }).issues).toMatchObject([{ path: '/all/1' }])
    // eslint-disable-next-line no-sparse-arrays -- a hole is what is tested
    expect(parse({ all: list(z.string().optional()) }, { all: ['a', , 'b'] }).issues).toMatchObject([
      { path: '/all/1' },
    ])
  })

  test('a schema with a default gives it once', () => {
    expect(parse({ a: z.string().default('x') }, {}).values).toEqual({ a: 'x' })
  })
})

describe('unknown fields and foreign keys', () => {
  const fields = { a: z.string(), inner: object({ b: z.int() }) }

  test('input refuses them wherever they are, with a JSON Pointer', () => {
    const input = JSON.parse('{"a":"x","inner":{"b":1,"c/d~":2},"__proto__":{"polluted":1}}') as unknown
    const { issues } = parse(fields, input, asInput)
    expect(issues.map((it) => it.path)).toEqual(['/__proto__', '/inner/c~1d~0'])
  })

  test('stored data drops them', () => {
    const input = JSON.parse('{"a":"x","inner":{"b":1,"c":2},"__proto__":{"polluted":1},"z":1}') as unknown
    const { values, issues } = parse(fields, input)
    expect(issues).toEqual([])
    expect(values).toEqual({ a: 'x', inner: { b: 1 } })
    expect((values as { polluted?: number }).polluted).toBeUndefined()
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
  })

  test('a field is read from the object itself, never from its prototype', () => {
    expect(parse({ a: optional(z.string()) }, Object.create({ a: 'inherited' })).values).toEqual({})
    const names = ['isPrototypeOf', 'propertyIsEnumerable', 'toLocaleString']
    for (const name of names) {
      expect(() => parse({ [name]: optional(z.string()) }, {})).toThrow('cannot be named')
    }
  })

  test('paths of foreign schemas are JSON Pointers', () => {
    const { issues } = parse({ a: z.record(z.string(), z.int()) }, { a: { 'x/y~z': 'no' } })
    expect(issues.map((it) => it.path)).toEqual(['/a/x~1y~0z'])
  })

  test('a field as a Standard Schema of its own tells paths as they are', async () => {
    const result = await list(z.record(z.string(), z.int()))['~standard'].validate([{ 'x/y~z': 'no' }])
    expect(result.issues?.[0]?.path).toEqual(['0', 'x/y~z'])
  })
})

describe('what may not be stored', () => {
  const cases: readonly (readonly [string, Fields, unknown, string])[] = [
    ['a Date', { a: z.date() }, new Date(), 'DURE_SCHEMA_NOT_STORABLE'],
    ['a Date inside', { a: z.object({ at: z.date() }) }, { at: new Date() }, 'DURE_SCHEMA_NOT_STORABLE'],
    ['a Date in a list', { a: z.array(z.date()) }, [new Date()], 'DURE_SCHEMA_NOT_STORABLE'],
    ['a bigint', { a: z.bigint() }, 1n, 'DURE_SCHEMA_NOT_STORABLE'],
    ['a Map', { a: z.map(z.string(), z.string()) }, new Map(), 'DURE_SCHEMA_NOT_STORABLE'],
    ['Infinity', { a: z.any() }, Infinity, 'DURE_SCHEMA_NOT_STORABLE'],
    ['NaN', { a: z.any() }, Number.NaN, 'DURE_SCHEMA_NOT_STORABLE'],
    ['a function', { a: z.any() }, { f: () => 1 }, 'DURE_SCHEMA_NOT_STORABLE'],
    ['undefined in a list', { a: z.array(z.string().optional()) }, [undefined], 'DURE_SCHEMA_NOT_STORABLE'],
    ['a transform', { a: z.string().transform((it) => it.length) }, 'abc', 'DURE_SCHEMA_TRANSFORMS'],
    [
      'a transform that grows',
      { a: z.string().transform((it) => `${it}!`) },
      'abc',
      'DURE_SCHEMA_TRANSFORMS',
    ],
    [
      'a transform inside',
      { a: v.array(v.pipe(v.string(), v.transform(Number))) },
      ['1'],
      'DURE_SCHEMA_TRANSFORMS',
    ],
    [
      'a transform into nothing',
      { a: z.string().transform(() => undefined) },
      'abc',
      'DURE_SCHEMA_TRANSFORMS',
    ],
    [
      'an async schema',
      { a: z.string().refine(async () => Promise.resolve(true)) },
      'abc',
      'DURE_SCHEMA_ASYNC',
    ],
    [
      'an async schema of valibot',
      {
        a: v.pipeAsync(
          v.string(),
          v.checkAsync(async () => Promise.resolve(true)),
        ),
      },
      'abc',
      'DURE_SCHEMA_ASYNC',
    ],
  ]

  test.each(cases)('%s', (_, fields, value, code) => {
    expect(() => parse(fields, { a: value })).toThrow(expect.objectContaining({ code }))
  })

  test('a transform that settles is allowed: trim, lower case, coercion', () => {
    const fields = { a: z.string().trim().toLowerCase(), b: z.coerce.number() }
    expect(parse(fields, { a: ' X ', b: '5' }).values).toEqual({ a: 'x', b: 5 })
  })

  test('inputs transform freely', () => {
    const fields = { a: z.string().transform((it) => it.length), at: z.coerce.date() }
    const { values } = parse(fields, { a: 'abc', at: '2026-01-01' }, asInput)
    expect(values).toEqual({ a: 3, at: new Date('2026-01-01') })
  })

  test('an async schema is refused in an input too', () => {
    const fields = { a: z.string().refine(async () => Promise.resolve(false)) }
    expect(() => parse(fields, { a: 'x' }, asInput)).toThrow(
      expect.objectContaining({ code: 'DURE_SCHEMA_ASYNC' }),
    )
  })

  test('a Date hidden in a value object', () => {
    class Period extends valueObject('Period', { from: z.date() }) {}
    const make = () => parse({ p: Period }, { p: new Period({ from: new Date() }) })
    expect(make).toThrow(expect.objectContaining({ code: 'DURE_SCHEMA_NOT_STORABLE' }))
    const read = () => parse({ p: Period }, { p: { from: new Date() } }, asInput)
    expect(read).toThrow(expect.objectContaining({ code: 'DURE_SCHEMA_NOT_STORABLE' }))
  })

  test('what is not a field', () => {
    for (const wrong of [undefined, null, 'text', {}, Map, () => 1]) {
      expect(() => parse({ a: wrong as never }, {})).toThrow(
        expect.objectContaining({ code: 'DURE_MODEL_INVALID' }),
      )
    }
  })
})

const read = (value: unknown) => parse({ at: instant() }, { at: value })

describe('instant', () => {
  const edge = [
    ['2026-01-31T09:00:00Z', '2026-01-31T09:00:00.000Z'],
    ['2026-01-31T09:00Z', '2026-01-31T09:00:00.000Z'],
    ['2026-01-31T09:00:00.123456789+09:00', '2026-01-31T00:00:00.123Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
    ['+010000-01-01T00:00:00Z', '+010000-01-01T00:00:00.000Z'],
    ['-000001-12-31T00:00:00Z', '-000001-12-31T00:00:00.000Z'],
  ] as const
  test.each(edge)('%s', (text, iso) => {
    const { values, issues } = read(text)
    expect(issues).toEqual([])
    expect((values as { at: Date }).at.toISOString()).toBe(iso)
  })

  const wrong = [
    '2026-02-30T00:00:00Z',
    '2025-02-29T00:00:00Z',
    '2026-04-31T00:00:00Z',
    '2026-13-01T00:00:00Z',
  ]
  const odd = [
    '2026-01-01',
    '2026-01-01T00:00:00',
    '2026-01-01T25:00:00Z',
    '2026-01-01T00:00:00+99:99',
    '',
    '1',
    'now',
  ]
  test.each([...wrong, ...odd, new Date(Number.NaN), 0, null, {}])('refuses %s', (value) => {
    expect(read(value).issues).toMatchObject([{ path: '/at' }])
  })

  test.each([new Date(8.64e15), new Date(-8.64e15), new Date(0), new Date(-1)])('comes back: %s', (at) => {
    expect(roundTrip({ at: instant() }, read(at).values)).toEqual({ at })
  })

  test('is a copy of the Date it was given', () => {
    const given = new Date(0)
    const { values } = read(given)
    given.setTime(1)
    expect((values as { at: Date }).at.getTime()).toBe(0)
  })
})

describe('bigInt and bytes', () => {
  const big = { n: bigInt() }
  test.each([0n, -1n, 2n ** 64n, 10n ** 999n, -(10n ** 999n)])('%s comes back', (n) => {
    expect(roundTrip(big, parse(big, { n }).values)).toEqual({ n })
  })
  test.each(['', '-', '1.5', '0x10', '1e3', ' 1', '1\n', 1, 1.5, null])('refuses %s', (n) => {
    expect(parse(big, { n }).issues).toMatchObject([{ path: '/n' }])
  })
  test('refuses more digits than it would read again', () => {
    expect(parse(big, { n: 10n ** 1000n }).issues).toMatchObject([{ path: '/n' }])
    expect(parse(big, { n: '9'.repeat(1001) }).issues).toMatchObject([{ path: '/n' }])
  })

  const raw = { b: bytes() }
  test('bytes are a copy, and plain: a Buffer comes out as what it comes back as', () => {
    const given = Buffer.from([1, 2, 3])
    const { values } = parse(raw, { b: given })
    given[0] = 9
    expect((values as { b: Uint8Array }).b).toStrictEqual(new Uint8Array([1, 2, 3]))
    expect(sameValue(roundTrip(raw, values), values)).toBe(true)
  })
  test('a megabyte', () => {
    const b = new Uint8Array(1 << 20).fill(255)
    expect(sameValue(roundTrip(raw, { b }), { b })).toBe(true)
  })
  test.each(['A', 'AB', 'ABC', 'A===', '====', 'AB=C', 'AB-_', 'AA==\n', 1, [1, 2]])('refuses %j', (b) => {
    expect(parse(raw, { b }).issues).toMatchObject([{ path: '/b' }])
  })
})

describe('ref, oneOf and list', () => {
  test.each(['', 'x'.repeat(201), 'a\u0000b', 'a\nb', '\u007f', '\ud800', 'a\udc00', 1, null])(
    'no id: %j',
    (id) => {
      expect(parse({ id: ref('Order') }, { id }).issues).toMatchObject([{ path: '/id' }])
    },
  )
  test.each(['x', 'x'.repeat(200), '주문-1', '😀', 'a/b?c#d', ' '])('an id: %s', (id) => {
    expect(parse({ id: ref('Order') }, { id }).issues).toEqual([])
  })
  test('a word is one of its own, not one that every object has', () => {
    expect(parse({ a: oneOf('x') }, { a: 'toString' }).issues).toMatchObject([{ path: '/a' }])
  })
  test('bounds include both ends', () => {
    const fields = { a: list(z.int(), { min: 1, max: 2 }) }
    expect(parse(fields, { a: [] }).issues).toMatchObject([
      { path: '/a', message: 'expected at least 1, found 0' },
    ])
    expect(parse(fields, { a: [1] }).issues).toEqual([])
    expect(parse(fields, { a: [1, 2] }).issues).toEqual([])
    expect(parse(fields, { a: [1, 2, 3] }).issues).toMatchObject([
      { path: '/a', message: 'expected at most 2, found 3' },
    ])
  })
  test('a list is no object that looks like one', () => {
    expect(parse({ a: list(z.int()) }, { a: { length: 1, 0: 1 } }).issues).toMatchObject([{ path: '/a' }])
    expect(parse({ a: z.string() }, ['x']).issues).toEqual([
      { path: '', message: 'expected an object, found a list' },
    ])
  })
  test('a list of a hundred thousand', () => {
    const a = Array.from({ length: 100_000 }, (_, i) => ({ amount: i, currency: 'KRW' }))
    const fields = { a: list(Money) }
    const { values, issues } = parse(fields, { a })
    expect(issues).toEqual([])
    expect((values as { a: Money[] }).a[99_999]).toBeInstanceOf(Money)
  })
})
