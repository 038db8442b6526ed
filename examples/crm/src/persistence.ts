import { asState } from 'dure/persistence'
import { Customer } from '../domain/customer.ts'

export const persistence = [
  asState(Customer, {
    table: 'crm.customers',
    id: 'customer_no',
    tenant: false,
    version: 'dure_version',
    shape: 'dure_shape',
    columns: {
      name: 'full_name',
      email: 'mail',
      'address.zipcode': 'zip',
      'address.street': 'street',
    },
    adopt: (customer, { emit }) => emit.CustomerTakenOver(customer),
  }),
]
