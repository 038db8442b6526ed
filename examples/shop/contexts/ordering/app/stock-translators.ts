import * as z from 'zod'
import { Inventory } from '@shop/inventory/contract'
import { event, ref, translate } from 'dure'

// Of all that a stock is, an order only wants to know this about each of its lines.
export const GoodsReserved = event('GoodsReserved', { order: ref('Order'), line: z.int() })
export const GoodsRefused = event('GoodsRefused', { order: ref('Order'), line: z.int(), left: z.int() })

export const stockReserved = translate(Inventory.events.StockReserved).into(
  GoodsReserved,
  ({ order, line }) => ({ order, line }),
)
export const stockRefused = translate(Inventory.events.StockRefused).into(
  GoodsRefused,
  ({ order, line, free }) => ({ order, line, left: free }),
)
