import { type } from 'arktype'
import * as v from 'valibot'
import * as z from 'zod'
import { describe, expect, it } from 'vitest'
import { bigInt, instant, list, object, oneOf, optional, ref } from 'dure'
import { textReadersOf } from './text-input.ts'

const fields = {
  id: ref('Order'),
  word: oneOf('1', 'true'),
  text: z.string(),
  int: z.int(),
  number: type('number'),
  flag: z.boolean(),
  flags: list(type('boolean')),
  numbers: optional(list(z.number())),
  foreign: z.array(z.int()),
  either: z.union([z.int(), z.string()]),
  nullable: z.nullable(z.int()),
  literal: z.literal(5),
  valibotNumber: v.number(),
  valibotText: v.string(),
  when: instant(),
  big: bigInt(),
  coerced: z.coerce.date(),
  where: object({ a: z.int() }),
}
const readers = textReadersOf(fields)

describe('text for a field', () => {
  it.each<[keyof typeof fields, string | string[], unknown]>([
    ['id', '12', '12'],
    ['word', 'true', 'true'],
    ['text', '12', '12'],
    ['int', '12', 12],
    ['int', '-1.5e3', -1500],
    ['int', '0x10', '0x10'],
    ['int', '', ''],
    ['int', ' 1', ' 1'],
    ['int', 'Infinity', 'Infinity'],
    ['int', ['1', '2'], ['1', '2']],
    ['number', '1.5', 1.5],
    ['flag', 'true', true],
    ['flag', 'yes', 'yes'],
    ['flags', 'false', [false]],
    ['flags', ['true', 'false'], [true, false]],
    ['numbers', ['1', 'x'], [1, 'x']],
    ['foreign', '7', [7]],
    ['either', '7', '7'],
    ['nullable', '7', 7],
    ['literal', '5', 5],
    ['valibotNumber', '5', 5],
    ['valibotText', '5', '5'],
    ['when', '2026-01-31T09:00:00Z', '2026-01-31T09:00:00Z'],
    ['big', '12', '12'],
    ['coerced', '2026-01-31', '2026-01-31'],
    ['where', '{"a":1}', { a: 1 }],
    ['where', 'a', 'a'],
  ])('%s: %j is %j', (name, text, value) => {
    expect(readers.get(name)?.(text)).toEqual(value)
  })
})
