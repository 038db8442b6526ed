import * as z from 'zod'
import { aggregate, event, optional } from 'dure'
import { Address } from '../contract.ts'

const Registration = { name: z.string().min(1).max(80), email: z.email().max(120) }
const Person = {
  ...Registration,
  address: optional(Address),
  phone: optional(z.string()),
  points: z.int(),
}

const CustomerRegistered = event('CustomerRegistered', Registration)
/** Of a customer from before: all that was known of them then. */
export const CustomerTakenOver = event('CustomerTakenOver', Person)
const CustomerMoved = event('CustomerMoved', { address: Address })
const EmailChanged = event('EmailChanged', { email: z.email().max(120) })
export const PointsEarned = event('PointsEarned', { points: z.int().positive() })

export const Customer = aggregate('Customer', {
  state: Person,
  events: { CustomerRegistered, CustomerTakenOver, CustomerMoved, EmailChanged, PointsEarned },
  rejections: { EmailTaken: { email: z.string() } },
})
  .starts({
    CustomerRegistered: (e) => ({ ...e, points: 0 }),
    CustomerTakenOver: (e) => e,
  })
  .evolves({
    CustomerMoved: (customer, { address }) => ({ ...customer, address }),
    EmailChanged: (customer, { email }) => ({ ...customer, email }),
    PointsEarned: (customer, { points }) => ({ ...customer, points: customer.points + points }),
  })
  .unique(
    'EmailTaken',
    ({ email }) => email.toLowerCase(),
    ({ email }) => ({ email }),
  )
  .factory('register', Registration, (input, { emit }) => emit.CustomerRegistered(input))
  .command('move', { address: Address }, (_, input, { emit }) => emit.CustomerMoved(input))
  .command('changeEmail', { email: z.email().max(120) }, (customer, { email }, { emit }) =>
    customer.email === email ? [] : emit.EmailChanged({ email }),
  )
  .command('earn', { points: z.int().positive() }, (_, input, { emit }) => emit.PointsEarned(input))
