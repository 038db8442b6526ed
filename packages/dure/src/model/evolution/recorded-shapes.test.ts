import * as z from 'zod'
import { describe, expect, test } from 'vitest'
import { aggregate, context, contract, event, oneOf, optional, system, type AnyEvent } from 'dure'
import { checkShapes } from './check-shapes.ts'
import { nameOfShape } from './model-shapes.ts'
import {
  nothingRecorded,
  parseRecordedShapes,
  recordedWith,
  unrecorded,
  type RecordedShapes,
} from './recorded-shapes.ts'

const Desk = contract('Desk', {})
type Retired = ReturnType<ReturnType<typeof event>['becomes']>

/** A release of the same system, with these events. */
function release(events: readonly AnyEvent[], retired: readonly Retired[] = [], name = 'Item') {
  const byName = Object.fromEntries(events.map((it) => [it.name, it]))
  const handlers = Object.fromEntries(events.map((it) => [it.name, () => ({})]))
  const shape = { state: {}, events: byName, retired: retired as never }
  const Item = aggregate(name, shape).starts(handlers)
  return system('Library', { contexts: [context(Desk, [Item as never]).implements({})] })
}

const record = (recorded: RecordedShapes, it: ReturnType<typeof release>, named: string) =>
  parseRecordedShapes(JSON.stringify(recordedWith(recorded, unrecorded(it, recorded), named)), 'f')
const found = (it: ReturnType<typeof release>, recorded: RecordedShapes) =>
  [...checkShapes(it, recorded)].map(({ code, level, where, message }) => [code, level, where, message])

const Lent = event('Lent', { to: z.string(), as: oneOf('loan', 'gift') })
const first = release([Lent, event('Back', {})])
const one = record(nothingRecorded, first, '1.0.0')

describe('recording', () => {
  test('adds every version with its release, and nothing twice', () => {
    expect(unrecorded(first, nothingRecorded).map(nameOfShape)).toEqual(['Item.Lent v1', 'Item.Back v1'])
    expect(unrecorded(first, one)).toEqual([])
    const next = event('Lent', { whom: z.string() }).from(1, Lent.fields, ({ to }) => ({ whom: to }))
    const two = record(one, release([next, event('Back', {})]), '2.0.0')
    const versions = two.contexts['Desk']?.['Item']?.['Lent']
    expect(Object.keys(versions ?? {})).toEqual(['1', '2'])
    expect(versions?.['1']).toEqual(one.contexts['Desk']?.['Item']?.['Lent']?.['1'])
    expect(versions?.['2']?.map((it) => it.since)).toEqual(['2.0.0'])
  })

  test('adds a version that has grown beside what it was, and passes over bounds', () => {
    const grown = release([event('Lent', { ...Lent.fields, until: optional(z.string()) })])
    const two = record(one, grown, '1.1.0')
    const shapes = two.contexts['Desk']?.['Item']?.['Lent']?.['1']
    expect(shapes?.map((it) => [it.since, Object.keys(it.shape.properties)])).toEqual([
      ['1.0.0', ['to', 'as']],
      ['1.1.0', ['to', 'as', 'until']],
    ])
    const bounded = release([event('Lent', { ...Lent.fields, to: z.string().min(3).describe('x') })])
    expect(unrecorded(bounded, one)).toEqual([])
  })

  test('has retired events too, under their own name', () => {
    const retired = event('Moved', { to: z.string() })
      .from(1, {}, () => ({ to: '' }))
      .becomes([], () => [])
    const names = unrecorded(release([Lent], [retired]), nothingRecorded).map(nameOfShape)
    expect(names).toEqual(['Item.Lent v1', 'Item.Moved v2', 'Item.Moved v1'])
  })
})

describe('held against the record, a model', () => {
  const Back = event('Back', {})

  test('is right where all that was recorded is still read', () => {
    const wider = event('Lent', { to: optional(z.string()), as: oneOf('loan', 'gift', 'sale') })
    const renamed = event('Given', Lent.fields).formerly('Lent')
    const versioned = event('Lent', { a: z.int() }).from(1, Lent.fields, () => ({ a: 1 }))
    const retired = Lent.becomes([], () => [])
    for (const it of [first, release([wider, Back]), release([renamed, Back]), release([versioned, Back])])
      expect(found(it, one)).toEqual([])
    expect(found(release([Back], [retired]), one)).toEqual([])
    expect(found(release([Lent, Back, event('New', {})]), one)).toEqual([])
  })

  test.each([
    [
      'an event is gone',
      release([Back]),
      'DURE_SHAPES_GONE',
      'The event Item.Lent was recorded for 1.0.0, and the model no longer reads it.',
    ],
    [
      'a field is new',
      release([event('Lent', { ...Lent.fields, by: z.string() }), Back]),
      'DURE_SHAPES_CHANGED',
      'Item.Lent in version 1 is not as recorded for 1.0.0: it now takes by for granted, which stored events may lack.',
    ],
    [
      'a list of values is narrower',
      release([event('Lent', { ...Lent.fields, as: oneOf('loan') }), Back]),
      'DURE_SHAPES_CHANGED',
      'Item.Lent in version 1 is not as recorded for 1.0.0: as no longer takes "gift".',
    ],
    [
      'an older version is declared otherwise than it was',
      release([event('Lent', { a: z.int() }).from(1, { to: z.int() }, () => ({ a: 1 })), Back]),
      'DURE_SHAPES_CHANGED',
      'Item.Lent in version 1 is not as recorded for 1.0.0: to is of another kind now.',
    ],
    [
      'a renamed event changed under its version',
      release([event('Given', { to: z.int() }).formerly('Lent'), Back]),
      'DURE_SHAPES_CHANGED',
      'Item.Lent in version 1 is not as recorded for 1.0.0: to is of another kind now.',
    ],
    [
      'no way leads from an older version',
      release([event('Lent', { a: z.int() }).from(2, {}, () => ({ a: 1 })), Back]),
      'DURE_SHAPES_NO_UPCAST',
      'Item.Lent was recorded in version 1 for 1.0.0; it is at version 3 and has no .from(1, …).',
    ],
  ])('is wrong where %s', (_, it, code, message) => {
    expect(found(it, one)).toEqual([[code, 'error', 'Desk, event Lent', message]])
  })

  test('is wrong where a version is taken back', () => {
    const next = event('Lent', { a: z.int() }).from(1, Lent.fields, () => ({ a: 1 }))
    const two = record(one, release([next, Back]), '2.0.0')
    expect(found(first, two)).toEqual([
      [
        'DURE_SHAPES_VERSION_LOWER',
        'error',
        'Desk, event Lent',
        'Item.Lent is at version 1; version 2 was recorded for 2.0.0.',
      ],
    ])
  })

  test('is held against each shape that a version had', () => {
    const grown = release([event('Lent', { ...Lent.fields, until: optional(z.string()) }), Back])
    const two = record(one, grown, '1.1.0')
    expect(found(first, two)).toEqual([])
    const other = release([event('Lent', { ...Lent.fields, until: optional(z.int()) }), Back])
    expect(found(other, one)).toEqual([])
    expect(found(other, two).map((it) => it[3])).toEqual([
      'Item.Lent in version 1 is not as recorded for 1.1.0: until is of another kind now.',
    ])
  })

  test('is told of an aggregate that is gone once; of a context as a warning', () => {
    expect(found(release([Lent, Back], [], 'Thing'), one)).toEqual([
      [
        'DURE_SHAPES_GONE',
        'error',
        'Desk, aggregate Item',
        'The aggregate Item was recorded for 1.0.0, and the model no longer reads it.',
      ],
    ])
    const elsewhere = { ...one, contexts: { Other: one.contexts['Desk'] ?? {} } }
    expect(found(first, elsewhere).map((it) => it.slice(0, 3))).toEqual([
      ['DURE_SHAPES_GONE', 'warning', 'Other'],
    ])
  })
})

describe('a file that is not what was written', () => {
  const text = JSON.stringify(one)
  const version = '"1":[{"since":"1.0.0",'
  test.each([
    ['', '', 'it is not JSON'],
    [text.slice(0, -1), '', 'it is not JSON'],
    ['[]', '', 'expected an object'],
    ['{}', 'format', 'expected "dure-shapes/1"'],
    ['{"format":"dure-shapes/1"}', 'contexts', 'it is missing'],
    [text.replace('"contexts"', '"context"'), 'context', 'unknown; expected format, contexts'],
    [text.replace('"Item":{', '"Item":[],"X":{'), 'contexts.Desk.Item', 'expected an object'],
    [text.replace('"1":', '"v1":'), 'contexts.Desk.Item.Lent.v1', 'a version is a whole number from 1'],
    [
      text.replace(version, '"2":[],"1":[{"since":"1.0.0",'),
      'contexts.Desk.Item.Lent.2',
      'at least one shape',
    ],
    [text.replace('"1.0.0"', '1'), 'contexts.Desk.Item.Lent.1.0.since', 'expected the name of a release'],
    [text.replace('"shape"', '"form"'), 'contexts.Desk.Item.Lent.1.0.form', 'unknown; expected since, shape'],
    [text.replace('["to"', '["ot"'), 'contexts.Desk.Item.Lent.1.0.shape.required', 'names of its properties'],
    [
      text.replace('"to":{"type":"string"}', '"to":"string"'),
      'contexts.Desk.Item.Lent.1.0.shape.properties.to',
      'expected an object',
    ],
  ])('is refused with its place: %#', (broken, where, reason) => {
    expect(broken).not.toBe(text)
    expect(() => parseRecordedShapes(broken, 'dure.shapes.json')).toThrow(
      expect.objectContaining({
        code: 'DURE_SHAPES_INVALID',
        details: { file: 'dure.shapes.json', where, reason: expect.stringContaining(reason) as string },
      }),
    )
  })
})
