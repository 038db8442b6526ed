import * as z from 'zod'
import { Price } from '@shop/kernel'
import { contract, list, object, oneOf, optional, ref } from 'dure'

const Status = oneOf('listed', 'discontinued')

const Product = {
  id: ref('Product'),
  name: z.string(),
  listPrice: Price,
  description: z.string(),
  status: Status,
}

export const Catalog = contract('Catalog', {
  commands: {
    listProduct: { name: z.string().min(1), listPrice: Price, description: z.string() },
    changePrice: { id: ref('Product'), listPrice: Price },
    describeProduct: { id: ref('Product'), description: z.string() },
    discontinueProduct: { id: ref('Product') },
  },
  events: {
    ProductListed: { name: z.string(), listPrice: Price },
    PriceChanged: { listPrice: Price },
    ProductDiscontinued: {},
  },
  rejections: { Discontinued: {}, PriceMissing: {} },
  queries: {
    products: { in: { status: optional(Status) }, out: list(object(Product)) },
    productById: { in: { id: ref('Product') }, out: Product },
  },
})
