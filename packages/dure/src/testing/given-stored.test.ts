import * as z from 'zod'
import { expect, it } from 'vitest'
import { event, optional } from 'dure'
import { givenStored, happened, like } from 'dure/testing'

const Renamed = event('Renamed', { name: z.string() })
const EmailChanged = event('EmailChanged', { email: z.string(), verified: z.boolean() })
const Changed = event('Changed', { name: z.string(), email: optional(z.string()) })
  .from(1, { title: z.string() }, ({ title }) => ({ name: title }))
  .becomes([Renamed, EmailChanged], ({ name, email }, emit) => [
    emit.Renamed({ name }),
    ...(email === undefined ? [] : [emit.EmailChanged({ email, verified: false })]),
  ])

it('tells what a retired event becomes, exactly and in order', () => {
  const both = givenStored(Changed, 2, { name: 'a', email: 'a@x' })
  both.thenBecomes(happened(Renamed, { name: 'a' }), like(EmailChanged, { email: 'a@x' }))
  givenStored(Changed, 1, { title: 'a' }).thenBecomes(happened(Renamed, { name: 'a' }))
  for (const wrong of [
    [happened(Renamed, { name: 'a' })],
    [like(EmailChanged, {}), happened(Renamed, { name: 'a' })],
    [happened(Renamed, { name: 'b' }), like(EmailChanged, {})],
    [],
  ])
    expect(() => both.thenBecomes(...wrong)).toThrow('Changed of version 2 becomes something else')
  expect(() => givenStored(Changed, 3, {})).toThrow('the model knows up to 2')
})

it('tells an impure split', () => {
  let n = 0
  const Counted = event('Counted', {}).becomes([Renamed], (_, emit) => [emit.Renamed({ name: String(n++) })])
  expect(() => givenStored(Counted, 1, {})).toThrow('.becomes(…) of Counted is not pure')
})

it('reads a stored event by its former name too: the test names the event of today', () => {
  const Placed = event('Placed', { won: z.int() })
    .formerly('Created')
    .from(1, { total: z.int() }, ({ total }) => ({ won: total }))
  givenStored(Placed, 1, { total: 3 }).thenReads({ won: 3 })
})
