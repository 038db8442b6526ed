import * as z from 'zod'
import { aggregate, context, contract, event, publish, ref, system, view } from 'dure'
import { dataOf } from './readings.mjs'

const fields = { reading: z.int(), note: z.string() }
const number = z.string().min(1).max(40)

const Installed = event('Installed', fields)
const Measured = event('Measured', fields)

const Meter = aggregate('Meter', {
  state: { latest: z.int() },
  events: { Installed, Measured },
  rejections: {},
})
  .starts({ Installed: (e) => ({ latest: e.reading }) })
  .evolves({ Measured: (_, e) => ({ latest: e.reading }) })
  .factory(
    'install',
    { number, ...fields },
    ({ reading, note }, { emit }) => emit.Installed({ reading, note }),
    {
      id: (input) => input.number,
    },
  )
  .command('measure', fields, (_, input, { emit }) => emit.Measured(input))
  .command('importReadings', { first: z.int(), step: z.int(), count: z.int() }, (_, it, { emit }) =>
    Array.from({ length: it.count }, (__, i) => emit.Measured(dataOf(it.first + i * it.step))),
  )

const key = (_, message) => message.id

/** A system whose context `name` publishes readings; with `heard`, another one follows them by a view. */
export function metering(name, heard) {
  const terms = contract(name, {
    commands: {
      install: { number, ...fields },
      measure: { id: ref('Meter'), ...fields },
      importReadings: { id: ref('Meter'), first: z.int(), step: z.int(), count: z.int() },
    },
    events: { Installed: fields, Measured: fields },
  })
  const { install, measure, importReadings } = Meter.commands
  const publisher = context(terms, [Meter]).implements({
    commands: { install, measure, importReadings },
    events: { Installed: publish(Installed, (e) => e), Measured: publish(Measured, (e) => e) },
  })
  if (heard === undefined) return system(name, { contexts: [publisher] })

  const fold = (row, e, message) => {
    heard(e.reading)
    return { id: message.id, latest: e.reading, readings: (row?.readings ?? 0) + 1 }
  }
  const LatestReadings = view('LatestReadings', 'id', {
    id: ref('Meter'),
    latest: z.int(),
    readings: z.int(),
  })
    .on(terms.events.Installed, key, fold)
    .on(terms.events.Measured, key, fold)
  const billing = contract(`${name}Billing`, {})
  return system(name, {
    contexts: [publisher, context(billing, [LatestReadings]).implements({})],
    map: [{ upstream: terms, downstream: billing, as: 'conformist' }],
  })
}
