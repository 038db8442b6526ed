import { route, system } from 'dure'
import { Customers } from '../contract.ts'
import { customers } from '../customers.context.ts'

export const crm = system('Crm', {
  contexts: [customers],
  routes: [
    route('POST /customers', Customers.commands.register),
    route('GET /customers/:id', Customers.queries.customer),
    route('POST /customers/:id/points', Customers.commands.earn),
  ],
})
