import { Catalog } from '@shop/catalog/contract'
import { Price } from '@shop/kernel'
import { event, translate } from 'dure'

// What Ordering wants to know of a product: whether it can be ordered, and for how much. The messages' id is
// the product's.
export const Priced = event('Priced', { price: Price })
export const Repriced = event('Repriced', { price: Price })
export const NotSoldAnyMore = event('NotSoldAnyMore', {})

export const listed = translate(Catalog.events.ProductListed).into(Priced, (e) => ({ price: e.listPrice }))
export const repriced = translate(Catalog.events.PriceChanged).into(Repriced, (e) => ({ price: e.listPrice }))
export const discontinued = translate(Catalog.events.ProductDiscontinued).into(NotSoldAnyMore, () => ({}))
