import * as z from 'zod'
import { describe, expect, test } from 'vitest'
import { bigInt, bytes, entity, instant, list, object, oneOf, optional, ref, valueObject } from 'dure'
import type { Field, Fields } from '../../domain/fields/field.ts'
import { incompatibility } from './compare-shapes.ts'
import { essenceOf, eventShapeOf } from './event-shape.ts'

class Money extends valueObject('Money', { amount: z.int(), currency: oneOf('KRW', 'USD') }) {}
class Price extends valueObject('Money', { amount: z.int(), currency: oneOf('KRW') }) {}
class Line extends entity('Line', 'id', { id: z.string(), price: Money }) {}
class Dearer extends entity('Line', 'id', { id: z.string(), price: Price }) {}

function tree(name: z.ZodType): z.ZodType {
  const whole: z.ZodType = z.object({
    name,
    get inner() {
      return z.union([z.null(), whole])
    },
  })
  return whole
}

const problem = (was: Fields, is: Fields) => incompatibility(eventShapeOf(was), eventShapeOf(is))
const of = (was: Field, is: Field) => problem({ it: was }, { it: is })

describe('stored events can be read', () => {
  test.each<[string, Fields, Fields]>([
    ['where nothing changed', { a: z.string(), m: Money }, { a: z.string(), m: Money }],
    ['where a field is gone', { a: z.string(), b: z.int() }, { a: z.string() }],
    ['where a field may be absent', { a: z.string() }, { a: optional(z.string()), b: optional(z.int()) }],
    ['where fields stand in another order', { a: z.string(), b: z.int() }, { b: z.int(), a: z.string() }],
  ])('%s', (_, was, is) => expect(problem(was, is)).toBeUndefined())

  test.each<[string, Field, Field]>([
    ['a wider enum', oneOf('a', 'b'), oneOf('b', 'a', 'c')],
    ['text for an enum', oneOf('a', 'b'), z.string()],
    ['an enum of another library', oneOf('a', 'b'), z.enum(['a', 'b', 'c'])],
    ['a number for an integer', z.int(), z.number()],
    ['other bounds', z.string().min(1).max(9), z.string().max(3)],
    ['other bounds of a number', z.number().min(5), z.number().max(3)],
    ['a wider union', z.string(), z.union([z.string(), z.number()])],
    ['null as well', z.string(), z.string().nullable()],
    ['a literal for what takes it', z.literal(3), z.int()],
    ['anything', Money, z.unknown()],
    ['text for an id', ref('Order'), z.string()],
    ['an id for text', z.string(), ref('Order')],
    ['text for what is stored as text', bigInt(), z.string()],
    ['text for a time', instant(), z.string()],
    ['a time for such a text', z.iso.datetime(), instant()],
    ['a wider value object', Price, Money],
    ['a list of wider entities', list(Dearer), list(Line)],
    ['an object without a field', object({ a: z.int(), b: z.int() }), z.object({ a: z.int() })],
    ['a record for an object', z.object({ a: z.int() }), z.record(z.string(), z.number())],
    ['the same tuple', z.tuple([z.int(), z.string()]), z.tuple([z.int(), z.string()])],
    ['what holds itself', tree(z.string()), tree(z.union([z.string(), z.int()]))],
  ])('with %s', (_, was, is) => expect(of(was, is)).toBeUndefined())
})

describe('stored events cannot be read', () => {
  test.each<[string, Field, Field, string]>([
    ['a narrower enum', oneOf('a', 'b'), oneOf('a'), 'it no longer takes "b"'],
    ['an enum for text', z.string(), oneOf('a', 'b'), 'it now takes only "a", "b"'],
    ['another type', z.string(), z.int(), 'it is of another kind now'],
    ['an integer for a number', z.number(), z.int(), 'it is of another kind now'],
    ['a narrower union', z.union([z.string(), z.number()]), z.string(), 'it is of another kind now'],
    ['null no longer', z.string().nullable(), z.string(), 'it is of another kind now'],
    ['a bigint for text', z.string(), bigInt(), 'it is of another kind now'],
    ['a time for text', z.string(), instant(), 'it is of another kind now'],
    ['bytes for text', z.string(), bytes(), 'it is of another kind now'],
    ['a list for one', Money, list(Money), 'it is of another kind now'],
    ['something for anything', list(z.unknown()), list(z.string()), 'it is of another kind now'],
    ['a narrower value object', Money, Price, 'Money.currency no longer takes "USD"'],
    ['entities with less', list(Line), list(Dearer), 'Money.currency no longer takes "USD"'],
    ['another tuple', z.tuple([z.int()]), z.tuple([z.string()]), 'it is of another kind now'],
    [
      'an object with more',
      object({ a: z.int() }),
      object({ a: z.int(), b: z.int() }),
      'it now takes it.b for granted, which stored events may lack',
    ],
    [
      'another record',
      z.record(z.string(), z.string()),
      z.record(z.string(), z.int()),
      'it.* is of another kind now',
    ],
    ['what holds itself', tree(z.string()), tree(z.int()), 'is of another kind now'],
  ])('with %s', (_, was, is, expected) => expect(of(was, is)).toContain(expected))

  test('with a new field that must be there, or one that may no longer be absent', () => {
    const granted = 'it now takes b for granted, which stored events may lack'
    expect(problem({ a: z.int() }, { a: z.int(), b: z.int() })).toBe(granted)
    expect(problem({ b: optional(z.int()) }, { b: z.int() })).toBe(granted)
  })

  test('a class that fails in one place is not taken for right in the next', () => {
    const was = { a: Money, b: Money }
    expect(problem(was, { a: z.union([z.object({ amount: z.string() }), z.any()]), b: Price })).toBe(
      'Money.currency no longer takes "USD"',
    )
  })
})

test('the essence of a shape leaves bounds and words out, and keeps fields that are named like them', () => {
  const fields = { title: z.string().min(3).describe('x'), description: oneOf('a'), pattern: bigInt() }
  const plain = { title: z.string(), description: oneOf('a'), pattern: bigInt() }
  expect(essenceOf(eventShapeOf(fields))).toEqual(essenceOf(eventShapeOf(plain)))
  expect(Object.keys((essenceOf(eventShapeOf(fields)) as { properties: object }).properties)).toEqual([
    'title',
    'description',
    'pattern',
  ])
  expect(essenceOf(eventShapeOf({ pattern: z.string() }))).not.toEqual(
    essenceOf(eventShapeOf({ pattern: bigInt() })),
  )
})
