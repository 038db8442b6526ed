import * as z from 'zod'
import { ref, valueObject } from 'dure'

/** Goods that are set aside for a line of this order: what has to be shipped or given back when it is decided. */
export class ReservedLine extends valueObject('ReservedLine', { line: z.int(), product: ref('Product') }) {}
