import { Customer } from '@shop/customers/context'
import { asState } from 'dure/persistence'

/** Customers stand in tables that SQL can ask; everything else is kept as its events. */
export const persistence = [asState(Customer)]
