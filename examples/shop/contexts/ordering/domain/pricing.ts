import { domainService, type Id } from 'dure'
import type { ListPrice } from './list-price.ts'
import { OrderLine } from './order-line.ts'
import type { Wanted } from './wanted.ts'

type Priced = { readonly lines: readonly OrderLine[] } | { readonly notSold: Id<'Product'> }

/** Puts today's list price on everything wanted, or names the first product that has none. */
export const priceLines = domainService(
  'Pricing',
  (wanted: readonly Wanted[], prices: readonly ListPrice[]): Priced => {
    const priceOf = new Map(prices.map((it) => [it.product, it.price]))
    const lines: OrderLine[] = []
    for (const { product, quantity } of wanted) {
      const price = priceOf.get(product)
      if (price === undefined) return { notSold: product }
      lines.push(new OrderLine({ line: lines.length + 1, product, quantity, price, reserved: false }))
    }
    return { lines }
  },
)
