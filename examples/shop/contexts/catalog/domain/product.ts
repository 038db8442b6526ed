import * as z from 'zod'
import { Price } from '@shop/kernel'
import { aggregate, oneOf } from 'dure'
import { ProductDetail } from './product-detail.ts'
import { PriceChanged, ProductDescribed, ProductDiscontinued, ProductListed } from './product-events.ts'

/** What is sold, for a price that holds for everybody. */
export const Product = aggregate('Product', {
  state: {
    name: z.string(),
    listPrice: Price,
    detail: ProductDetail,
    status: oneOf('listed', 'discontinued'),
  },
  events: { ProductListed, PriceChanged, ProductDescribed, ProductDiscontinued },
  rejections: { Discontinued: {}, PriceMissing: {} },
})
  .starts({ ProductListed: (e) => ({ ...e, status: 'listed' }) })
  .evolves({
    PriceChanged: (product, { listPrice }) => ({ ...product, listPrice }),
    ProductDescribed: (product, { detail }) => ({ ...product, detail }),
    ProductDiscontinued: (product) => ({ ...product, status: 'discontinued' }),
  })
  .invariant('PriceMissing', (product) => product.listPrice.amount > 0)
  .factory(
    'list',
    { name: z.string().min(1), listPrice: Price, description: z.string() },
    ({ name, listPrice, description }, { emit }) =>
      emit.ProductListed({ name, listPrice, detail: { description } }),
  )
  .command('changePrice', { listPrice: Price }, (product, { listPrice }, { emit, reject }) => {
    if (product.status === 'discontinued') return reject('Discontinued')
    return product.listPrice.equals(listPrice) ? [] : emit.PriceChanged({ listPrice })
  })
  .command('describe', { description: z.string() }, (product, { description }, { emit, reject }) =>
    product.status === 'discontinued'
      ? reject('Discontinued')
      : emit.ProductDescribed({ detail: { description } }),
  )
  .command('discontinue', {}, (product, _, { emit }) =>
    product.status === 'discontinued' ? [] : emit.ProductDiscontinued({}),
  )
