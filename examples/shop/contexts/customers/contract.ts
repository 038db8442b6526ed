import * as z from 'zod'
import { Address } from '@shop/kernel'
import { contract, list, object, optional, ref } from 'dure'

const Customer = {
  id: ref('Customer'),
  name: z.string(),
  address: Address,
  email: optional(z.string()),
}

export const Customers = contract('Customers', {
  commands: {
    registerCustomer: { name: z.string().min(1), address: Address, email: optional(z.email()) },
    moveCustomer: { id: ref('Customer'), address: Address },
    eraseCustomer: { id: ref('Customer') },
  },
  events: {
    // Without the e-mail address: nobody else needs it, so nobody else has to erase it.
    CustomerRegistered: { name: z.string(), address: Address },
    CustomerMoved: { address: Address },
    CustomerErased: {},
  },
  rejections: { EmailTaken: { email: z.email() } },
  queries: {
    customers: { in: {}, out: list(object(Customer)) },
    customerById: { in: { id: ref('Customer') }, out: Customer },
  },
})
