import { context, publish } from 'dure'
import { CustomerList } from './app/customer-list.ts'
import { Customers } from './contract.ts'
import { Customer, CustomerErased, CustomerMoved, CustomerRegistered } from './domain/customer.ts'

export const customers = context(Customers, [Customer, CustomerList]).implements({
  commands: {
    registerCustomer: Customer.commands.register,
    moveCustomer: Customer.commands.move,
    eraseCustomer: Customer.commands.erase,
  },
  events: {
    CustomerRegistered: publish(CustomerRegistered, ({ name, address }) => ({ name, address })),
    CustomerMoved: publish(CustomerMoved, ({ address }) => ({ address })),
    CustomerErased: publish(CustomerErased, () => ({})),
  },
  queries: {
    customers: (_, reading) => reading.view(CustomerList).list({ orderBy: 'name' }),
    customerById: ({ id }, reading) => reading.view(CustomerList).get(id),
  },
})
