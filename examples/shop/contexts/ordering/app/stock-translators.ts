import * as z from 'zod'
import { Inventory } from '@shop/inventory/contract'
import { event, ref, translate } from 'dure'

// Of all that a stock is, Ordering only wants to know whether there is one, and this about each line of an order.
export const GoodsKept = event('GoodsKept', { product: ref('Product') })
export const GoodsReserved = event('GoodsReserved', { order: ref('Order'), line: z.int() })
export const GoodsRefused = event('GoodsRefused', { order: ref('Order'), line: z.int(), left: z.int() })

export const stockOpened = translate(Inventory.events.StockOpened).into(GoodsKept, ({ product }) => ({
  product,
}))
export const stockReserved = translate(Inventory.events.StockReserved).into(
  GoodsReserved,
  ({ order, line }) => ({ order, line }),
)
export const stockRefused = translate(Inventory.events.StockRefused).into(
  GoodsRefused,
  ({ order, line, free }) => ({ order, line, left: free }),
)
