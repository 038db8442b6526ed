import * as z from 'zod'
import { valueObject } from 'dure'

/** What is to be known of a product besides its name and price; part of the product, never without it. */
export class ProductDetail extends valueObject('ProductDetail', { description: z.string().max(2000) }) {}
