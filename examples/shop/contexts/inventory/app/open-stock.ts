import { Catalog } from '@shop/catalog/contract'
import { policy } from 'dure'
import { Stock } from '../domain/stock.ts'

export const openStock = policy('open an empty stock when a product is listed')
  .on(Catalog.events.ProductListed)
  .issues({ open: Stock.commands.open })
  .do(({ name }, m, { open }) => open({ product: m.id, name }))
