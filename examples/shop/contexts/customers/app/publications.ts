import { publish } from 'dure'
import * as inner from '../domain/customer.ts'

/** What the world hears of a customer: not the e-mail address. */
export const publications = {
  CustomerRegistered: publish(inner.CustomerRegistered, ({ name, address }) => ({ name, address })),
  CustomerMoved: publish(inner.CustomerMoved, ({ address }) => ({ address })),
  CustomerErased: publish(inner.CustomerErased, () => ({})),
}
