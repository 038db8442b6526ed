import * as z from 'zod'
import { ref, valueObject } from 'dure'

/** Goods that are still in the house, but promised to a line of an order. */
export class Reservation extends valueObject('Reservation', {
  order: ref('Order'),
  line: z.int(),
  quantity: z.int().positive(),
}) {
  isFor(it: { readonly order: string; readonly line: number }): boolean {
    return this.order === it.order && this.line === it.line
  }
}
