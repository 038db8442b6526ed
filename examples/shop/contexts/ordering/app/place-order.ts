import { handle, type OutputOf } from 'dure'
import type { Ordering } from '../contract.ts'
import { Order } from '../domain/order.ts'
import { CustomerBook } from './customer-book.ts'
import { PriceList } from './price-list.ts'

type PlaceOrder = OutputOf<typeof Ordering.commands.placeOrder.fields>

/** Looks up what the customer may not choose: the prices, and whether there is such a customer. */
export const placeOrder = handle(
  Order.commands.place,
  async ({ customer, lines, shippingAddress }: PlaceOrder, reading) => {
    const known = await reading.view(CustomerBook).get(customer)
    const products = [...new Set(lines.map((it) => it.product))]
    const prices = await Promise.all(products.map((it) => reading.view(PriceList).get(it)))
    return {
      customer,
      registeredAddress: known?.address,
      shippingAddress,
      wanted: lines,
      prices: prices.filter((it) => it !== undefined),
    }
  },
)
