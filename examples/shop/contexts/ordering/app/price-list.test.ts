import { Catalog } from '@shop/catalog/contract'
import { givenTranslator, givenView, happened } from 'dure/testing'
import { describe, test } from 'vitest'
import { PriceList } from './price-list.ts'
import { discontinued, listed, NotSoldAnyMore, Priced, Repriced, repriced } from './price-translators.ts'

const won = (amount: number) => ({ amount, currency: 'KRW' }) as const

describe("Ordering's own price list", () => {
  test('is told by the catalog, in words of its own', () => {
    givenTranslator(listed)
      .when(happened(Catalog.events.ProductListed, { name: 'Pen', listPrice: won(1_500) }))
      .thenBecomes({ price: won(1_500) })
    givenTranslator(repriced)
      .when(happened(Catalog.events.PriceChanged, { listPrice: won(1_800) }))
      .thenBecomes({ price: won(1_800) })
    givenTranslator(discontinued).when(happened(Catalog.events.ProductDiscontinued)).thenBecomes({})
  })

  test('holds the price of today, and only what is sold', () => {
    givenView(
      PriceList,
      happened(Priced, { price: won(1_500) }, { id: 'pen' }),
      happened(Priced, { price: won(390_000) }, { id: 'chair' }),
      happened(Repriced, { price: won(1_800) }, { id: 'pen' }),
      happened(NotSoldAnyMore, {}, { id: 'chair' }),
    ).thenRows({ product: 'pen', price: won(1_800) })
  })

  test('a price that changes after the product was discontinued brings nothing back', () => {
    givenView(
      PriceList,
      happened(NotSoldAnyMore, {}, { id: 'chair' }),
      happened(Repriced, { price: won(1) }, { id: 'chair' }),
    ).thenNoRow('chair')
  })
})
