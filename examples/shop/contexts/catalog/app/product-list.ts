import * as z from 'zod'
import { Price } from '@shop/kernel'
import { oneOf, ref, view } from 'dure'
import {
  PriceChanged,
  ProductDescribed,
  ProductDiscontinued,
  ProductListed,
} from '../domain/product-events.ts'

const Row = {
  id: ref('Product'),
  name: z.string(),
  listPrice: Price,
  description: z.string(),
  status: oneOf('listed', 'discontinued'),
}

export const ProductList = view('ProductList', 'id', Row)
  .on(
    ProductListed,
    (_, m) => m.id,
    (_, { name, listPrice, detail }, m) => ({
      id: m.id,
      name,
      listPrice,
      description: detail.description,
      status: 'listed',
    }),
  )
  .on(
    PriceChanged,
    (_, m) => m.id,
    (row, { listPrice }) => row && { ...row, listPrice },
  )
  .on(
    ProductDescribed,
    (_, m) => m.id,
    (row, { detail }) => row && { ...row, description: detail.description },
  )
  .on(
    ProductDiscontinued,
    (_, m) => m.id,
    (row) => row && { ...row, status: 'discontinued' },
  )
