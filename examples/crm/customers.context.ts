import { context } from 'dure'
import { Customers } from './contract.ts'
import { Customer } from './domain/customer.ts'

export const customers = context(Customers, [Customer]).implements({
  commands: Customer.commands,
  queries: {
    customer: async ({ id }, reading) => (await reading.repository(Customer).find(id))?.state,
  },
})
