import { createHash } from 'node:crypto'
import fc from 'fast-check'
import * as z from 'zod'
import { expect, test } from 'vitest'
import { aggregate, event, list, optional, type StateOf } from 'dure'
import { claimChange, claimsOf } from './claims.ts'

const state = { email: optional(z.string()), names: list(z.string()) }
const Joined = event('Joined', state)
const Customer = aggregate('Customer', {
  state,
  events: { Joined },
  rejections: { EmailTaken: {}, NameTaken: { names: list(z.string()) } },
})
  .starts({ Joined: (e) => e })
  .unique('EmailTaken', (it) => it.email)
  .unique(
    'NameTaken',
    (it) => it.names,
    ({ names }) => ({ names }),
  )
const claims = (it: StateOf<typeof Customer>) => claimsOf(Customer.definition, it)
const email = (text: string): string | undefined => claims({ email: text, names: [] })[0]?.value

test('one text is kept as it is, several as JSON, undefined not at all', () => {
  expect(claims({ email: 'kim@x.kr', names: ['김', 'x'] })).toEqual([
    { name: 'EmailTaken', value: 'kim@x.kr' },
    { name: 'NameTaken', value: '["김","x"]' },
  ])
  expect(claims({ names: [] })).toEqual([{ name: 'NameTaken', value: '[]' }])
  expect(email('')).toBe('')
})

test('what has ended claims nothing', () => {
  expect(claimsOf(Customer.definition, undefined)).toEqual([])
})

const digest = (value: string) => `sha256:${createHash('sha256').update(value).digest('hex')}`

test('of a text above 400 bytes the digest is kept', () => {
  expect(email('a'.repeat(400))).toBe('a'.repeat(400))
  expect(email('a'.repeat(401))).toBe(digest('a'.repeat(401)))
  // 133 × 3 bytes and 134 × 3 bytes
  expect(email('김'.repeat(133))).toBe('김'.repeat(133))
  expect(email('김'.repeat(134))).toBe(digest('김'.repeat(134)))
})

test('no other text passes for a long one', () => {
  const long = 'a'.repeat(500)
  expect(email(email(long) as string)).not.toBe(email(long))
})

test('different values never meet, and none is longer than a store takes', () => {
  const value = fc.oneof(fc.string({ maxLength: 500 }), fc.string({ unit: 'grapheme', maxLength: 300 }))
  fc.assert(
    fc.property(value, value, (a, b) => {
      expect(email(a) === email(b)).toBe(a === b)
      expect(Buffer.byteLength(email(a) ?? '')).toBeLessThanOrEqual(400)
    }),
  )
})

test('only what differs changes hands', () => {
  const before = claims({ email: 'a', names: ['x'] })
  expect(claimChange(before, claims({ email: 'a', names: ['x'] }))).toBeUndefined()
  expect(claimChange(before, claims({ email: 'b', names: ['x'] }))).toEqual({
    drop: [{ name: 'EmailTaken', value: 'a' }],
    take: [{ name: 'EmailTaken', value: 'b' }],
  })
  expect(claimChange([], before)).toEqual({ drop: [], take: before })
  expect(claimChange(before, [])).toEqual({ drop: before, take: [] })
})

test.each([1, null, [1], {}, new Date(0)])('a rule that gives %j is a mistake of the model', (wrong) => {
  const rule = { rejection: 'EmailTaken', value: () => wrong as never, data: () => ({}) }
  const mistaken = { ...Customer.definition, uniques: [rule] }
  expect(() => claimsOf(mistaken, {})).toThrow(expect.objectContaining({ code: 'DURE_MODEL_INVALID' }))
})
