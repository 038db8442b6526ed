import * as z from 'zod'
import { Price } from '@shop/kernel'
import { entity, ref } from 'dure'

/** A product in an order, at the price of the day it was ordered. Its number identifies it within the order. */
export class OrderLine extends entity('OrderLine', 'line', {
  line: z.int().positive(),
  product: ref('Product'),
  quantity: z.int().positive(),
  price: Price,
  /** The goods are set aside for it. */
  reserved: z.boolean(),
}) {
  get subtotal(): Price {
    return this.price.times(this.quantity)
  }
}
