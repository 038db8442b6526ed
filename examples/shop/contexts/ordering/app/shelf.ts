import { ref, view } from 'dure'
import { GoodsKept } from './stock-translators.ts'

/**
 * The products that there is a stock of. A product is in the catalog before Inventory has heard of it; an order
 * placed in between would ask for goods from a stock that is not there.
 */
export const Shelf = view('Shelf', 'product', { product: ref('Product') }).on(
  GoodsKept,
  (e) => e.product,
  (_, { product }) => ({ product }),
)
