import { actor, anyOf, context, everyone, role } from 'dure'
import { CustomerList } from './app/customer-list.ts'
import { publications } from './app/publications.ts'
import { Customers } from './contract.ts'
import { Customer } from './domain/customer.ts'

// A customer is an actor under the id that the shop knows the customer by.
const clerkOrSelf = anyOf(
  role('clerk'),
  actor(({ id }: { readonly id: string }) => id),
)

export const customers = context(Customers, [Customer, CustomerList]).implements({
  commands: {
    registerCustomer: Customer.commands.register,
    moveCustomer: Customer.commands.move,
    eraseCustomer: Customer.commands.erase,
  },
  events: publications,
  queries: {
    customers: (_, reading) => reading.view(CustomerList).list({ orderBy: 'name' }),
    customerById: ({ id }, reading) => reading.view(CustomerList).get(id),
  },
  allow: {
    commands: { registerCustomer: everyone, moveCustomer: clerkOrSelf, eraseCustomer: clerkOrSelf },
    queries: { customers: role('clerk'), customerById: clerkOrSelf },
  },
})

// For the wiring, which says how it is kept.
export { Customer }
