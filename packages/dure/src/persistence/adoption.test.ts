import * as z from 'zod'
import { expect, test } from 'vitest'
import { aggregate, event, optional } from 'dure'
import { adoptedEvents, type Adopt } from './adoption.ts'
import { asState } from './as-state.ts'

const Registered = event('Registered', { email: z.string() })
const Renamed = event('Renamed', { name: z.string() })
const Left = event('Left', {})
const Customer = aggregate('Customer', {
  state: { email: z.string(), name: optional(z.string()) },
  events: { Registered, Renamed, Left },
})
  .starts({ Registered: (e) => e })
  .ends('Left')
  .evolves({ Renamed: (it, { name }) => ({ ...it, name }) })

const row = { email: 'kim@x.kr', name: 'Kim' }
const adopted = (adopt: Adopt | undefined) => adoptedEvents(Customer.definition, adopt as Adopt, 'c1', row)

test('one event or several lead to the state of the row', () => {
  const { adopt } = asState(Customer, {
    adopt: (it, { emit, id }) => [
      emit.Registered({ email: it.email }),
      emit.Renamed({ name: it.name ?? id }),
    ],
  })
  const { events, state } = adopted(adopt)
  expect(events.map((it) => [it.type, it.data])).toEqual([
    ['Registered', { email: 'kim@x.kr' }],
    ['Renamed', { name: 'Kim' }],
  ])
  expect(state).toEqual(row)
  expect(Object.isFrozen(state)).toBe(true)
})

test('the way to adopt knows the id of the row', () => {
  const { adopt } = asState(Customer, { adopt: (_, { emit, id }) => emit.Registered({ email: id }) })
  const { events } = adoptedEvents(Customer.definition, adopt as Adopt, 'c1', { email: 'c1' })
  expect(events[0]?.data).toEqual({ email: 'c1' })
})

type Emit = Record<string, (data: object) => unknown>
const emitting =
  (work: (emit: Emit) => unknown): Adopt =>
  (_, { emit }) =>
    work(emit as Emit)

test.each([
  [
    'another state',
    emitting((emit) => emit['Registered']?.({ email: 'lee@x.kr' })),
    /another state than the row c1/,
  ],
  ['less of the state', emitting((emit) => emit['Registered']?.({ email: row.email })), /another state/],
  [
    'an event that does not start',
    emitting((emit) => emit['Renamed']?.({ name: 'Kim' })),
    /Renamed cannot stand/,
  ],
  ['an end', emitting((emit) => [emit['Registered']?.(row), emit['Left']?.({})]), /Left cannot stand/],
  ['nothing', () => undefined, /emit did not make/],
  ['an empty list', () => [], /emit did not make/],
  ['what emit did not make', () => ({ type: 'Registered', data: row }), /emit did not make/],
])('refused: %s', (_, adopt, reason) => {
  expect(() => adopted(adopt)).toThrow(
    expect.objectContaining({ code: 'DURE_MAPPING_INVALID', message: expect.stringMatching(reason) }),
  )
})
