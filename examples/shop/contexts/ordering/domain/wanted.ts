import * as z from 'zod'
import { ref, valueObject } from 'dure'

/** What a customer asks for: a product and how many of it. */
export class Wanted extends valueObject('Wanted', {
  product: ref('Product'),
  quantity: z.int().positive(),
}) {}
