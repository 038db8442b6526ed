import { Price } from '@shop/kernel'
import { ref, view } from 'dure'
import { NotSoldAnyMore, Priced, Repriced } from './price-translators.ts'

/** Ordering's own price list: orders are placed while the catalog is away, too. */
export const PriceList = view('PriceList', 'product', { product: ref('Product'), price: Price })
  .on(
    Priced,
    (_, m) => m.id,
    (_, { price }, m) => ({ product: m.id, price }),
  )
  .on(
    Repriced,
    (_, m) => m.id,
    (row, { price }) => row && { ...row, price },
  )
  .on(
    NotSoldAnyMore,
    (_, m) => m.id,
    () => null,
  )
