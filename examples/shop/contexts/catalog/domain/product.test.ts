import { given, givenStored, happened } from 'dure/testing'
import { describe, test } from 'vitest'
import { PriceChanged, ProductDescribed, ProductDiscontinued, ProductListed } from './product-events.ts'
import { Product } from './product.ts'

const won = (amount: number) => ({ amount, currency: 'KRW' }) as const
const listing = { name: 'Pen', listPrice: won(1_500), description: 'Blue, 0.5 mm' }
const listed = happened(ProductListed, {
  name: 'Pen',
  listPrice: won(1_500),
  detail: { description: 'Blue, 0.5 mm' },
})

describe('a product', () => {
  test('is listed with its price and detail', () => {
    given(Product)
      .when((products) => products.list(listing))
      .thenEvents(listed)
      .thenState({ status: 'listed' })
  })

  test('without a price is refused', () => {
    given(Product)
      .when((products) => products.list({ ...listing, listPrice: won(0) }))
      .thenRejected('PriceMissing')
  })

  test('changes its price; to the same price is no change', () => {
    given(Product, listed)
      .when((product) => product.changePrice({ listPrice: won(1_800) }))
      .thenEvents(happened(PriceChanged, { listPrice: won(1_800) }))
      .when((product) => product.changePrice({ listPrice: won(1_800) }))
      .thenNothing()
  })

  test('never loses its price', () => {
    given(Product, listed)
      .when((product) => product.changePrice({ listPrice: won(0) }))
      .thenRejected('PriceMissing')
      .thenState({ listPrice: won(1_500) })
  })

  test('is described anew', () => {
    given(Product, listed)
      .when((product) => product.describe({ description: 'Black, 0.5 mm' }))
      .thenEvents(happened(ProductDescribed, { detail: { description: 'Black, 0.5 mm' } }))
  })

  test('is discontinued once, and nothing of it changes after that', () => {
    const gone = given(Product, listed)
      .when((product) => product.discontinue())
      .thenEvents(happened(ProductDiscontinued))
    gone.when((product) => product.discontinue()).thenNothing()
    gone.when((product) => product.changePrice({ listPrice: won(1) })).thenRejected('Discontinued')
    gone.when((product) => product.describe({ description: 'x' })).thenRejected('Discontinued')
  })

  test('listed in the days of whole won is read as one listed in KRW', () => {
    givenStored(ProductListed, 1, { name: 'Pen', won: 1_500, detail: { description: 'Blue' } }).thenReads({
      name: 'Pen',
      listPrice: won(1_500),
    })
  })
})
