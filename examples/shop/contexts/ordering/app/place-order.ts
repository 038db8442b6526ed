import { handle, type CommandInput, type Id, type OutputOf, type Reading } from 'dure'
import type { Ordering } from '../contract.ts'
import { Order } from '../domain/order.ts'
import { CustomerBook } from './customer-book.ts'
import { PriceList } from './price-list.ts'
import { Shelf } from './shelf.ts'

type PlaceOrder = CommandInput<typeof Ordering.commands.placeOrder>

/** Looks up what the customer may not choose: the prices of what is sold, and whether there is such a customer. */
export const placeOrder = handle(
  Order.commands.place,
  async ({ customer, lines, shippingAddress }: PlaceOrder, reading) => {
    const known = await reading.view(CustomerBook).get(customer)
    const products = [...new Set(lines.map((it) => it.product))]
    const prices = await Promise.all(products.map((it) => priceOf(it, reading)))
    return {
      customer,
      registeredAddress: known?.address,
      shippingAddress,
      wanted: lines,
      prices: prices.filter((it) => it !== undefined),
    }
  },
)

/** What can be ordered has a price, and a stock it can be reserved in. */
async function priceOf(
  product: Id<'Product'>,
  reading: Reading,
): Promise<OutputOf<typeof PriceList.row> | undefined> {
  const [price, kept] = await Promise.all([
    reading.view(PriceList).get(product),
    reading.view(Shelf).get(product),
  ])
  return kept && price
}
