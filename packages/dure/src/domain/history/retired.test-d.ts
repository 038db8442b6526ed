import * as z from 'zod'
import { aggregate, event, optional, policy, publish, view, type Loaded } from 'dure'
import { givenStored, happened } from 'dure/testing'

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const yes = <T extends true>(): T => true as T

const Registered = event('Registered', { name: z.string(), email: optional(z.string()) })
const Renamed = event('Renamed', { name: z.string() })
const EmailChanged = event('EmailChanged', { email: z.string() })
const Foreign = event('Foreign', {})
const Changed = event('Changed', { name: optional(z.string()), email: optional(z.string()) })

// A former name changes neither the name nor the data, in either order of calls.
const Before = event('Placed', { total: z.int(), by: z.string() })
  .formerly('Created')
  .from(1, { total: z.int() }, (old) => ({ ...old, by: 'unknown' }))
const After = event('Placed', { total: z.int(), by: z.string() })
  .from(1, { total: z.int() }, (old) => ({ ...old, by: 'unknown' }))
  .formerly('Created', 'Made')
yes<Equal<typeof Before, typeof After>>()
yes<Equal<typeof Before.name, 'Placed'>>()
After.from(0, { sum: z.int() }, (old) => ({ total: old.sum }))
// @ts-expect-error a map that does not lead to the next shape, over a rename as well
After.from(0, { sum: z.int() }, (old) => ({ sum: old.sum }))
// @ts-expect-error no former name
event('Placed', {}).formerly()

// Old data, the events to choose from and their data are inferred.
const Split = Changed.becomes([Renamed, EmailChanged], (old, emit) => {
  yes<Equal<typeof old.name, string | undefined>>()
  return [
    ...(old.name === undefined ? [] : [emit.Renamed({ name: old.name })]),
    ...(old.email === undefined ? [] : [emit.EmailChanged({ email: old.email })]),
  ]
})
const shape = { state: { name: z.string(), email: optional(z.string()) } }
const events = { Registered, Renamed, EmailChanged }
const Touched = event('Touched', { at: z.string() }).from(1, {}, () => ({ at: 'never' }))
const Customer = aggregate('Customer', {
  ...shape,
  events,
  retired: [Split, Touched.becomes([], () => [])],
})
  .starts({ Registered: (e) => e })
  // A retired event needs no handler, and can have none.
  .evolves({
    Renamed: (customer, { name }) => ({ ...customer, name }),
    EmailChanged: (customer, { email }) => ({ ...customer, email }),
  })
  .command('rename', { name: z.string() }, (_, { name }, { emit }) => emit.Renamed({ name }))
declare const customer: Loaded<typeof Customer>
export const events1 = (): 'Renamed' | undefined => {
  const decided = customer.rename({ name: 'x' })
  return decided.ok ? decided.events[0]?.type : undefined
}

// @ts-expect-error a retired event becomes one that the aggregate does not have
aggregate('Customer', { ...shape, events, retired: [Changed.becomes([Foreign], () => [])] })
// @ts-expect-error an event where a retired one should be
aggregate('Customer', { ...shape, events, retired: [Changed] })
// @ts-expect-error an event that was not named
Changed.becomes([Renamed], (_, emit) => [emit.EmailChanged({ email: 'x' })])
// @ts-expect-error data that does not fit
Changed.becomes([Renamed], (old, emit) => [emit.Renamed({ name: old.name })])
// @ts-expect-error something that emit did not make
Changed.becomes([Renamed], () => [{ type: 'Renamed', data: { name: 'x' } }])
// @ts-expect-error one event, not a list of events
Changed.becomes([Renamed], (_, emit) => emit.Renamed({ name: 'x' }))
// @ts-expect-error a retired event cannot be emitted
Customer.command('change', {}, (_, __, { emit }) => emit.Changed({}))
// @ts-expect-error nor handled
aggregate('C', { ...shape, events, retired: [Split] }).starts({ Changed: () => ({ name: 'x' }) })

const V = view('V', 'id', { id: z.string() })
const [key, fold] = [(): undefined => undefined, (): null => null] as const
V.on(Renamed, key, fold)
// @ts-expect-error nor followed by a view
V.on(Split, key, fold)
// @ts-expect-error nor by a policy
policy('p').on(Split)
// @ts-expect-error nor published
publish(Split, () => undefined)

givenStored(Split, 1, { name: 'x' }).thenBecomes(happened(Renamed, { name: 'x' }))
// @ts-expect-error an event that it never becomes
givenStored(Split, 1, { name: 'x' }).thenBecomes(happened(Foreign))
givenStored(After, 1, { total: 1 }).thenReads({ by: 'unknown' })
// @ts-expect-error data of another event
givenStored(After, 1, { total: 1 }).thenReads({ name: 'x' })
