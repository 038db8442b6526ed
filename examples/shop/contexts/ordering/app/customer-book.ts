import * as z from 'zod'
import { Customers } from '@shop/customers/contract'
import { Address } from '@shop/kernel'
import { ref, view } from 'dure'

const { CustomerRegistered, CustomerMoved, CustomerErased } = Customers.events

/** The customers as far as Ordering has to know them. Who is erased there is erased here. */
export const CustomerBook = view('CustomerBook', 'customer', {
  customer: ref('Customer'),
  name: z.string(),
  address: Address,
})
  .on(
    CustomerRegistered,
    (_, m) => m.id,
    (_, e, m) => ({ customer: m.id, ...e }),
  )
  .on(
    CustomerMoved,
    (_, m) => m.id,
    (row, { address }) => row && { ...row, address },
  )
  .on(
    CustomerErased,
    (_, m) => m.id,
    () => null,
  )
