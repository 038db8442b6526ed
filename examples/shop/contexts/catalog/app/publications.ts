import { publish } from 'dure'
import * as inner from '../domain/product-events.ts'

/** What the world hears of a product; its description is for those who ask. */
export const publications = {
  ProductListed: publish(inner.ProductListed, ({ name, listPrice }) => ({ name, listPrice })),
  PriceChanged: publish(inner.PriceChanged, ({ listPrice }) => ({ listPrice })),
  ProductDiscontinued: publish(inner.ProductDiscontinued, () => ({})),
}
