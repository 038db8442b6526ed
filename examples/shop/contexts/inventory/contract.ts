import * as z from 'zod'
import { contract, list, object, ref } from 'dure'

const Stock = {
  id: ref('Stock'),
  product: ref('Product'),
  name: z.string(),
  onHand: z.int(),
  reserved: z.int(),
  free: z.int(),
}

/** Which goods for which line of which order. */
const ForLine = { product: ref('Product'), order: ref('Order'), line: z.int() }

export const Inventory = contract('Inventory', {
  commands: { receiveStock: { id: ref('Stock'), quantity: z.int().positive() } },
  events: {
    StockOpened: { product: ref('Product') },
    StockReserved: { ...ForLine, quantity: z.int() },
    StockRefused: { ...ForLine, wanted: z.int(), free: z.int() },
  },
  queries: {
    stock: { in: {}, out: list(object(Stock)) },
    stockById: { in: { id: ref('Stock') }, out: Stock },
  },
})
