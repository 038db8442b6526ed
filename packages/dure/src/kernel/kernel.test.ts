import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DureError, isDureError } from './error.ts'
import { fault } from './errors/fault.ts'
import { canonicalJson, sameJson, type Json } from './json.ts'
import { SLICES, fnv1a32, sliceOf } from './slice.ts'

function reference(text: string): number {
  let hash = 0x811c9dc5
  for (const byte of Buffer.from(text, 'utf8')) hash = Math.imul(hash ^ byte, 0x01000193)
  return hash >>> 0
}

describe('fnv1a32', () => {
  // From the test vectors of the authors (test_fnv.c, http://www.isthe.com/chongo/tech/comp/fnv/).
  test.each([
    ['', 0x811c9dc5],
    ['a', 0xe40c292c],
    ['b', 0xe70c2de5],
    ['c', 0xe60c2c52],
    ['d', 0xe10c2473],
    ['e', 0xe00c22e0],
    ['f', 0xe30c2799],
    ['fo', 0x6222e842],
    ['foo', 0xa9f37ed7],
    ['foob', 0x3f5076ef],
    ['fooba', 0x39aaa18a],
    ['foobar', 0xbf9cf968],
    ['chongo was here!\n', 0xd49930d5],
  ])('%j', (text, hash) => {
    expect(fnv1a32(text)).toBe(hash)
  })

  test.each([
    '주문-1',
    'é',
    '😀',
    '\u{10ffff}',
    '\u07ff\u0800\uffff',
    '\ud800',
    '\udc00',
    '\ud800x',
    'x\udfff',
    '\ud800\ud800\udc00',
  ])('hashes the UTF-8 bytes of %j', (text) => {
    expect(fnv1a32(text)).toBe(reference(text))
  })

  test('is that of the UTF-8 bytes for any text', () => {
    const anyText = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'grapheme' }),
      fc.array(fc.integer({ min: 0, max: 0xffff })).map((it) => String.fromCharCode(...it)),
    )
    fc.assert(
      fc.property(anyText, (text) => {
        expect(fnv1a32(text)).toBe(reference(text))
      }),
      { numRuns: 2000 },
    )
  })

  test('spreads ids over all slices', () => {
    const seen = new Set(Array.from({ length: 20_000 }, (_, i) => sliceOf(`order-${i}`)))
    expect(seen.size).toBe(SLICES)
  })
})

describe('JSON', () => {
  const json = fc.jsonValue({ noUnicodeString: false }) as fc.Arbitrary<Json>

  test('equal values have equal texts, and only those', () => {
    fc.assert(
      fc.property(json, json, (a, b) => {
        expect(sameJson(a, b)).toBe(canonicalJson(a) === canonicalJson(b))
        expect(sameJson(a, structuredClone(a))).toBe(true)
        expect(sameJson(JSON.parse(canonicalJson(a)) as Json, JSON.parse(JSON.stringify(a)) as Json)).toBe(
          true,
        )
      }),
      { numRuns: 1000 },
    )
  })

  test('the order of keys does not count, that of items does', () => {
    expect(canonicalJson({ b: 1, a: { d: 1, c: 2 } })).toBe('{"a":{"c":2,"d":1},"b":1}')
    expect(sameJson({ b: 1, a: 2 }, { a: 2, b: 1 })).toBe(true)
    expect(sameJson([1, 2], [2, 1])).toBe(false)
  })

  test('keys of the prototype are keys like others', () => {
    const a = JSON.parse('{"__proto__":1,"toString":2}') as Json
    expect(sameJson(a, JSON.parse('{"toString":2,"__proto__":1}') as Json)).toBe(true)
    expect(sameJson(a, JSON.parse('{"toString":2,"x":1}') as Json)).toBe(false)
    expect(sameJson({ toString: 1 }, {})).toBe(false)
    expect(canonicalJson(a)).toBe('{"__proto__":1,"toString":2}')
  })

  test('a list is no object with the same keys, null is nothing else', () => {
    expect(sameJson(['a'], { 0: 'a' })).toBe(false)
    expect(sameJson(null, {})).toBe(false)
    expect(sameJson(undefined, null)).toBe(false)
    expect(sameJson([], {})).toBe(false)
  })
})

describe('errors', () => {
  test('carry code, kind, sentence, hint, details and cause', () => {
    const cause = new Error('why')
    const error = fault('DURE_AGGREGATE_NOT_FOUND', { aggregate: 'Order', id: 'o-1' }, cause)
    expect(error).toBeInstanceOf(DureError)
    expect(error).toMatchObject({
      code: 'DURE_AGGREGATE_NOT_FOUND',
      kind: 'missing',
      retryable: false,
      cause,
    })
    expect(error.message).toBe('Order o-1 does not exist.')
    expect(Object.keys(fault('DURE_STORE_CLOSED', { store: 's' }))).not.toContain('cause')
  })

  test('are known by their brand, also from another copy of the package', () => {
    const other = Object.assign(new Error('x'), { [Symbol.for('dure.error')]: true, code: 'DURE_KEY_REUSED' })
    expect(isDureError(other)).toBe(true)
    expect(isDureError(other, 'DURE_KEY_REUSED')).toBe(true)
    expect(isDureError(other, 'DURE_DEADLINE')).toBe(false)
    for (const no of [undefined, null, 'x', {}, new Error('x')]) expect(isDureError(no)).toBe(false)
  })
})
