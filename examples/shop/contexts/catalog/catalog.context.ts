import { context, everyone, role } from 'dure'
import { ProductList } from './app/product-list.ts'
import { publications } from './app/publications.ts'
import { Catalog } from './contract.ts'
import { Product } from './domain/product.ts'

export const catalog = context(Catalog, [Product, ProductList]).implements({
  commands: {
    listProduct: Product.commands.list,
    changePrice: Product.commands.changePrice,
    describeProduct: Product.commands.describe,
    discontinueProduct: Product.commands.discontinue,
  },
  events: publications,
  queries: {
    products: ({ status }, reading) =>
      reading.view(ProductList).list({ where: status ? { status } : {}, orderBy: 'name' }),
    productById: ({ id }, reading) => reading.view(ProductList).get(id),
  },
  allow: {
    commands: {
      listProduct: role('clerk'),
      changePrice: role('clerk'),
      describeProduct: role('clerk'),
      discontinueProduct: role('clerk'),
    },
    queries: { products: everyone, productById: everyone },
  },
})
