import { type } from 'arktype'
import * as v from 'valibot'
import * as z from 'zod'
import { describe, expect, it } from 'vitest'
import { bigInt, bytes, instant, list, object, oneOf, optional, ref } from 'dure'
import { Money, OrderLine, Placing } from '../../test/fixtures/ordering.ts'
import { fieldSchemaOf, jsonSchemaOf } from './json-schema.ts'

const input = (fields: Parameters<typeof jsonSchemaOf>[0]) => jsonSchemaOf(fields, { direction: 'input' })
const output = (fields: Parameters<typeof jsonSchemaOf>[0]) => jsonSchemaOf(fields, { direction: 'output' })

describe('the JSON Schema of a field map', () => {
  it('knows the kinds of Dure', () => {
    const fields = {
      a: ref('Order'),
      b: oneOf('x', 'y'),
      c: instant(),
      d: bigInt(),
      e: bytes(),
      f: list(z.int()),
    }
    expect(input({ ...fields, g: optional(object({ h: z.string() })) })).toMatchObject({
      type: 'object',
      properties: {
        a: { type: 'string', minLength: 1, maxLength: 200, 'x-ref': 'Order' },
        b: { type: 'string', enum: ['x', 'y'] },
        c: { type: 'string', format: 'date-time' },
        d: { type: 'string', pattern: '^-?\\d{1,1000}$' },
        e: { type: 'string', contentEncoding: 'base64' },
        f: { type: 'array', items: { type: 'integer' } },
        g: { type: 'object', properties: { h: { type: 'string' } }, additionalProperties: false },
      },
      required: ['a', 'b', 'c', 'd', 'e', 'f'],
      additionalProperties: false,
    })
  })

  it('puts value objects and entities under $defs, once each', () => {
    const schema = input(Placing)
    expect(Object.keys(schema['$defs'] as object)).toEqual(['Money', 'OrderLine', 'Address'])
    expect(schema['properties']).toMatchObject({
      lines: { type: 'array', items: { $ref: '#/$defs/OrderLine' } },
    })
    expect(schema['$defs']).toMatchObject({
      OrderLine: { properties: { price: { $ref: '#/$defs/Money' }, quantity: { exclusiveMinimum: 0 } } },
      Address: { required: ['zipcode', 'addr1'], properties: { zipcode: { 'x-vendor': 'valibot' } } },
    })
  })

  it('lets outputs carry more, and knows that a default is always given out', () => {
    const fields = { a: z.string().default('x'), b: z.string().optional(), c: v.optional(v.string()) }
    expect(input(fields)).not.toHaveProperty('required')
    expect(output(fields)).toMatchObject({ required: ['a'] })
    expect(output(fields)).not.toHaveProperty('additionalProperties')
  })

  it('never throws at what has no JSON Schema', () => {
    expect(input({ a: z.date(), b: z.bigint(), c: v.date(), d: type('Date') })['properties']).toMatchObject({
      a: { 'x-vendor': 'zod' },
      b: { 'x-vendor': 'zod' },
      c: { 'x-vendor': 'valibot' },
    })
  })

  it('keeps the references of foreign schemas whole', () => {
    const Node = z.object({
      name: z.string(),
      get children() {
        return z.array(Node)
      },
    })
    const schema = input({
      tree: Node,
      trees: z.array(Node),
      named: z.object({ x: z.string().meta({ id: 'Shared' }) }),
    })
    const refs = [...JSON.stringify(schema).matchAll(/"\$ref":"([^"]*)"/g)].map((it) => it[1] as string)
    const defs = schema['$defs'] as Record<string, unknown>
    expect(refs.length).toBeGreaterThan(3)
    expect(refs.filter((it) => defs[it.replace('#/$defs/', '')] === undefined)).toEqual([])
  })

  it('describes one field', () => {
    expect(fieldSchemaOf(list(Money), { direction: 'output' })).toMatchObject({
      type: 'array',
      items: { $ref: '#/$defs/Money' },
      $defs: { Money: { properties: { currency: { enum: ['KRW', 'USD'] } } } },
    })
    expect(fieldSchemaOf(OrderLine, { direction: 'input' })).toMatchObject({ $ref: '#/$defs/OrderLine' })
  })
})
