import * as z from 'zod'
import { Price } from '@shop/kernel'
import { event } from 'dure'
import { ProductDetail } from './product-detail.ts'

/** Prices were whole won until the shop began to sell in dollars too: that was the first version of this event. */
export const ProductListed = event('ProductListed', {
  name: z.string(),
  listPrice: Price,
  detail: ProductDetail,
}).from(1, { name: z.string(), won: z.int(), detail: ProductDetail }, ({ won, ...same }) => ({
  ...same,
  listPrice: { amount: won, currency: 'KRW' },
}))

export const PriceChanged = event('PriceChanged', { listPrice: Price })
export const ProductDescribed = event('ProductDescribed', { detail: ProductDetail })
export const ProductDiscontinued = event('ProductDiscontinued', {})
