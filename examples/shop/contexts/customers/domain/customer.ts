import * as z from 'zod'
import { Address } from '@shop/kernel'
import { aggregate, event, optional } from 'dure'

const Registration = { name: z.string().min(1), address: Address, email: optional(z.email()) }

export const CustomerRegistered = event('CustomerRegistered', Registration)
export const CustomerMoved = event('CustomerMoved', { address: Address })
export const CustomerErased = event('CustomerErased', {})

/** Who buys. One customer per e-mail address. */
export const Customer = aggregate('Customer', {
  state: Registration,
  events: { CustomerRegistered, CustomerMoved, CustomerErased },
  rejections: { EmailTaken: { email: z.email() } },
})
  .starts({ CustomerRegistered: (e) => e })
  .ends('CustomerErased')
  .evolves({ CustomerMoved: (customer, { address }) => ({ ...customer, address }) })
  .unique(
    'EmailTaken',
    (customer) => customer.email?.toLowerCase(),
    ({ email = '' }) => ({ email }),
  )
  .factory('register', Registration, (input, { emit }) => emit.CustomerRegistered(input))
  .command('move', { address: Address }, (customer, { address }, { emit }) =>
    customer.address.equals(address) ? [] : emit.CustomerMoved({ address }),
  )
  .command('erase', {}, (_, __, { emit }) => emit.CustomerErased({}))
