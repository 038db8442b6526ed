import { context, publish } from 'dure'
import { ProductList } from './app/product-list.ts'
import { Catalog } from './contract.ts'
import { PriceChanged, ProductDiscontinued, ProductListed } from './domain/product-events.ts'
import { Product } from './domain/product.ts'

export const catalog = context(Catalog, [Product, ProductList]).implements({
  commands: {
    listProduct: Product.commands.list,
    changePrice: Product.commands.changePrice,
    describeProduct: Product.commands.describe,
    discontinueProduct: Product.commands.discontinue,
  },
  events: {
    ProductListed: publish(ProductListed, ({ name, listPrice }) => ({ name, listPrice })),
    PriceChanged: publish(PriceChanged, ({ listPrice }) => ({ listPrice })),
    ProductDiscontinued: publish(ProductDiscontinued, () => ({})),
  },
  queries: {
    products: ({ status }, reading) =>
      reading.view(ProductList).list({ where: status ? { status } : {}, orderBy: 'name' }),
    productById: ({ id }, reading) => reading.view(ProductList).get(id),
  },
})
