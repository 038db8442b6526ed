import { type } from 'arktype'
import fc from 'fast-check'
import * as v from 'valibot'
import * as z from 'zod'
import { expect, test, vi } from 'vitest'
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
  type Field,
  type Fields,
} from 'dure'
import { isDureError, type Issue } from '../../kernel/error.ts'
import { sameJson, type Json, type JsonObject } from '../../kernel/json.ts'
import { asStored } from '../../domain/fields/codec.ts'
import type { Cell, StateChange, StateRows } from '../../ports/state-store.ts'
import { changeOf } from '../change.ts'
import { fromRows, toRows } from '../rows.ts'
import { mappingOf, type Mapping } from './mapping.ts'

vi.setConfig({ testTimeout: 30_000 })

/** A field with values that it accepts. */
type Sample = readonly [Field, fc.Arbitrary<unknown>]

const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constantFrom('', 'null', '{}', '0'))
const moment = fc.date({ noInvalidDate: true, min: new Date('-004712-01-01T00:00:00.000Z') })
const unset = fc.constant(undefined)

const scalars: readonly Sample[] = [
  [z.string(), text],
  [z.string().optional(), fc.oneof(text, unset)],
  [z.string().nullable(), fc.option(text)],
  [z.string().nullish(), fc.oneof(text, unset, fc.constant(null))],
  [z.string().default('x'), fc.oneof(text, unset)],
  [z.int(), fc.maxSafeInteger()],
  [z.int().nullable(), fc.option(fc.integer())],
  [z.number(), fc.double({ noNaN: true, noDefaultInfinity: true })],
  [z.boolean(), fc.boolean()],
  [z.literal('one'), fc.constant('one')],
  [z.literal([1, 'two']), fc.constantFrom(1, 'two')],
  [z.enum(['p', 'q']), fc.constantFrom('p', 'q')],
  [z.union([z.string(), z.int()]), fc.oneof(text, fc.integer())],
  [z.unknown(), fc.oneof(fc.jsonValue(), unset)],
  [z.array(z.string()), fc.array(text)],
  [
    z.object({ a: z.string(), b: z.int().optional() }),
    fc.record({ a: text, b: fc.integer() }, { requiredKeys: ['a'] }),
  ],
  [v.pipe(v.string(), v.maxLength(5)), fc.string({ maxLength: 5 })],
  [v.nullish(v.number()), fc.oneof(fc.integer(), unset, fc.constant(null))],
  [type('string | null'), fc.option(text)],
  [type('number.integer'), fc.maxSafeInteger()],
  [type('"a" | "b"'), fc.constantFrom('a', 'b')],
  [oneOf('a', 'b'), fc.constantFrom('a', 'b')],
  [ref('Order'), fc.uuid()],
  [instant(), moment],
  [bigInt(), fc.bigInt()],
  [bytes(), fc.uint8Array()],
]

// Few, so that the lists of two states have some in common.
const keys: readonly Sample[] = [
  [z.string(), fc.constantFrom('k1', 'k2', 'k3', '주문/1', '["k1"]', '')],
  [ref('Product'), fc.constantFrom('p1', 'p2', 'p3')],
  [z.int(), fc.integer({ min: -2, max: 3 })],
  [z.number(), fc.constantFrom(0.1, 1e300, -5e-324)],
  [z.boolean(), fc.boolean()],
  [bigInt(), fc.bigInt({ min: -2n, max: 2n })],
]

interface Sampled {
  readonly fields: Fields
  readonly values: fc.Arbitrary<Record<string, unknown>>
}

/** A field map; `depth` bounds what stands inside of what. */
function maps(depth: number): fc.Arbitrary<Sampled> {
  const letters = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { maxLength: 4 })
  return letters.chain((names) =>
    fc.tuple(...names.map(() => samples(depth))).map((all) => sampled(names, all)),
  )
}

function sampled(names: readonly string[], all: readonly Sample[]): Sampled {
  const fields = Object.fromEntries(names.map((name, i) => [name, all[i]?.[0] as Field]))
  const values = fc.record(
    Object.fromEntries(names.map((name, i) => [name, all[i]?.[1] as fc.Arbitrary<unknown>])),
  )
  return { fields, values }
}

function samples(depth: number): fc.Arbitrary<Sample> {
  const scalar = fc.constantFrom(...scalars)
  if (depth === 0) return scalar
  const below = fc.oneof(groups(depth), lists(depth))
  const present = fc.oneof(scalar, below, below)
  const absent = present.map(([it, values]): Sample => [optional(it), fc.oneof(values, unset)])
  return fc.oneof({ weight: 3, arbitrary: present }, { weight: 1, arbitrary: absent })
}

function groups(depth: number): fc.Arbitrary<Sample> {
  return fc.oneof(
    maps(depth - 1).map((it): Sample => [valueObject('Value', it.fields), it.values]),
    maps(depth - 1).map((it): Sample => [object(it.fields), it.values]),
    entities(depth).map(({ type, values }): Sample => [type, values]),
  )
}

function lists(depth: number): fc.Arbitrary<Sample> {
  return fc.oneof(
    entities(depth).map(({ type, key, values }): Sample => {
      const selector = (it: unknown) => String((it as Record<string, unknown>)[key])
      return [list(type), fc.uniqueArray(values, { selector, maxLength: 5 })]
    }),
    maps(0).map((it): Sample => [list(object(it.fields)), fc.array(it.values, { maxLength: 3 })]),
  )
}

interface SampledEntity {
  readonly type: Field
  readonly key: string
  readonly values: fc.Arbitrary<unknown>
}

function entities(depth: number): fc.Arbitrary<SampledEntity> {
  return fc.tuple(maps(depth - 1), fc.constantFrom(...keys)).map(([{ fields, values }, [it, ids]]) => {
    const key = `key${depth}`
    const type = entity('Entity', key, { [key]: it, ...fields })
    const both = fc.tuple(ids, values).map(([id, rest]) => ({ [key]: id, ...rest }))
    return { type, key, values: both }
  })
}

interface Encoded {
  readonly mapping: Mapping
  readonly state: object
  readonly json: JsonObject
}

/** A state of a field map, the JSON that it is encoded to, and the way to tables. */
function encoded(fields: Fields, input: object): Encoded {
  const Started = event('Started', {})
  const { definition } = aggregate('Thing', { state: fields, events: { Started } }).starts({
    Started: () => ({}),
  }) as unknown as { definition: Parameters<typeof mappingOf>[0] }
  const issues: Issue[] = []
  const values = definition.state.parse(input, issues, asStored)
  expect(issues).toEqual([])
  const json = JSON.parse(JSON.stringify(definition.state.encode(values))) as JsonObject
  return { mapping: mappingOf(definition), state: definition.state.decode(json), json }
}

const one = maps(3).chain(({ fields, values }) => values.map((input) => ({ fields, input })))
const two = maps(3).chain(({ fields, values }) =>
  fc.tuple(values, values).map(([before, after]) => ({ fields, before, after })),
)

test('a state comes back from its rows as it was', () => {
  let lists = 0
  fc.assert(
    fc.property(one, ({ fields, input }) => {
      const { mapping, state, json } = encoded(fields, input)
      const rows = toRows(mapping, state, 'id')
      const back = fromRows(mapping, rows, 'id')
      expect(sameJson(back, json)).toBe(true)
      lists += rows.children.flat().length
    }),
    { numRuns: 1500 },
  )
  expect(lists).toBeGreaterThan(100)
})

test('rows are as wide as their tables, and their cells of the kinds that these say', () => {
  fc.assert(
    fc.property(one, ({ fields, input }) => {
      const { mapping, state } = encoded(fields, input)
      const { root, children } = toRows(mapping, state, 'id')
      expect(root.length).toBe(mapping.tables.root.columns.length)
      for (const [i, table] of mapping.tables.children.entries()) {
        for (const row of children[i] ?? []) {
          expect(row.length).toBe(table.keys.length + table.columns.length)
          for (const key of row.slice(0, table.keys.length - 1)) expect(typeof key).toBe('string')
        }
      }
    }),
    { numRuns: 300 },
  )
})

test('a change makes of the rows of one state those of another, and writes no row that stays', () => {
  fc.assert(
    fc.property(two, ({ fields, ...states }) => {
      const { mapping, state: first } = encoded(fields, states.before)
      const { state: second } = encoded(fields, states.after)
      const [before, after] = [toRows(mapping, first, 'id'), toRows(mapping, second, 'id')]
      const change = changeOf(mapping, before, after, 3)
      expect(change).toMatchObject({ from: 3, whole: false })
      expect(applied(mapping, before, change)).toEqual(tablesOf(mapping, after))
      const old = tablesOf(mapping, before)
      for (const [i, { upserts }] of change.children.entries()) {
        for (const row of upserts) expect(old.children[i]?.get(keyOf(mapping, i, row))).not.toEqual(row)
      }
      expect(changeOf(mapping, respelt(mapping, after), after, 3).children).toEqual(
        mapping.tables.children.map(() => ({ upserts: [], removes: [] })),
      )
    }),
    { numRuns: 500 },
  )
})

test('where the rows before are shown, those of entities that stay are the same ones, and all are right', () => {
  let kept = 0
  fc.assert(
    fc.property(two, fc.infiniteStream(fc.nat(3)), ({ fields, ...states }, draws) => {
      const { mapping, state: first } = encoded(fields, states.before)
      const { state: second } = encoded(fields, states.after)
      const rows = toRows(mapping, first, 'id')
      const after = mixed(first as Lists, second as Lists, () => draws.next().value)
      // What comes of two states may have an entity twice.
      const expected = triedRows(mapping, after)
      if (expected === undefined) return
      const found = toRows(mapping, after, 'id', { state: first, rows })
      expect(found).toEqual(expected)
      kept += found.children.flat().filter((it) => rows.children.some((table) => table.includes(it))).length
      // Shown by somebody else in another order, with other places: what is kept is still right.
      const shuffled = { ...rows, children: rows.children.map((it) => it.toReversed()) }
      expect(toRows(mapping, after, 'id', { state: first, rows: shuffled })).toEqual(expected)
    }),
    { numRuns: 500 },
  )
  expect(kept).toBeGreaterThan(50)
})

type Lists = Readonly<Record<string, unknown>>

/** A state made of two: of each list some entities stay, move or come from the other. */
function mixed(first: Lists, second: Lists, draw: () => number): object {
  return Object.fromEntries(
    Object.entries(second).map(([name, it]) => {
      const before = first[name]
      if (!Array.isArray(it) || !Array.isArray(before)) return [name, draw() === 0 ? it : (before ?? it)]
      const some = before.filter(() => draw() > 0)
      return [name, draw() === 0 ? some.toReversed() : [...some, ...(it as unknown[])]]
    }),
  )
}

function triedRows(mapping: Mapping, state: object): StateRows | undefined {
  try {
    return toRows(mapping, state, 'id')
  } catch (error) {
    if (isDureError(error, 'DURE_STATE_UNSTORABLE')) return undefined
    throw error
  }
}

test('a change of rows that nobody knows replaces them', () => {
  fc.assert(
    fc.property(two, ({ fields, ...states }) => {
      const { mapping, state: first } = encoded(fields, states.before)
      const { state: second } = encoded(fields, states.after)
      const [before, after] = [toRows(mapping, first, 'id'), toRows(mapping, second, 'id')]
      const change = changeOf(mapping, undefined, after, 3)
      expect(applied(mapping, before, change)).toEqual(tablesOf(mapping, after))
    }),
    { numRuns: 200 },
  )
})

/** The tables of one aggregate, rows by their keys. */
interface Tables {
  readonly root: readonly Cell[]
  readonly children: readonly Map<string, readonly Cell[]>[]
}

function keyOf({ tables }: Mapping, child: number, row: readonly Cell[]): string {
  return JSON.stringify(row.slice(0, (tables.children[child]?.keys.length ?? 0) - 1))
}

function tablesOf(mapping: Mapping, { root, children }: StateRows): Tables {
  return {
    root,
    children: children.map((rows, i) => new Map(rows.map((it) => [keyOf(mapping, i, it), it]))),
  }
}

/** What a store does with a change. */
function applied(mapping: Mapping, before: StateRows, { root, children, whole }: StateChange): Tables {
  const tables = tablesOf(mapping, before)
  for (const [i, { upserts, removes }] of children.entries()) {
    const rows = tables.children[i] as Map<string, readonly Cell[]>
    if (whole) rows.clear()
    for (const it of removes) expect(rows.delete(JSON.stringify(it))).toBe(true)
    for (const it of upserts) rows.set(keyOf(mapping, i, it), it)
  }
  return { root: root as readonly Cell[], children: tables.children }
}

/** Rows whose JSON is written as a database writes it. */
function respelt({ tables }: Mapping, { root, children }: StateRows): StateRows {
  return {
    root,
    children: children.map((rows, i) => {
      const { columns, keys } = tables.children[i] as (typeof tables.children)[0]
      return rows.map((row) =>
        row.map((cell, at) =>
          columns[at - keys.length]?.kind === 'json' && typeof cell === 'string'
            ? JSON.stringify(turned(JSON.parse(cell) as Json), undefined, 1)
            : cell,
        ),
      )
    }),
  }
}

function turned(value: Json): Json {
  if (Array.isArray(value)) return value.map((it: Json) => turned(it))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, it]) => [key, turned(it)]),
  )
}
