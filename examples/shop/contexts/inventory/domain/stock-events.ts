import * as z from 'zod'
import { event, ref } from 'dure'

const ForLine = { order: ref('Order'), line: z.int() }

export const StockOpened = event('StockOpened', { product: ref('Product'), name: z.string() })
export const StockReceived = event('StockReceived', { quantity: z.int() })
export const StockReserved = event('StockReserved', { ...ForLine, quantity: z.int() })
/** Nothing changed in the house, but whoever waits for the goods has to know. */
export const StockRefused = event('StockRefused', { ...ForLine, wanted: z.int(), free: z.int() })
export const StockReleased = event('StockReleased', { ...ForLine, quantity: z.int() })
export const StockShipped = event('StockShipped', { ...ForLine, quantity: z.int() })
