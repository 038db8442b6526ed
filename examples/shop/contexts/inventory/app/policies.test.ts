import { Catalog } from '@shop/catalog/contract'
import { Ordering } from '@shop/ordering/contract'
import { givenPolicy, happened, issued } from 'dure/testing'
import { describe, test } from 'vitest'
import { Stock } from '../domain/stock.ts'
import { openStock } from './open-stock.ts'
import { releaseCancelled, releaseRejected, releaseReturned } from './release-goods.ts'
import { reserveGoods } from './reserve-goods.ts'
import { shipGoods } from './ship-goods.ts'

const { reserve, refuse, release, ship, open } = Stock.commands
const { OrderPlaced, OrderApproved, OrderRejected, OrderCancelled, ReservationReturned } = Ordering.events
const won = { amount: 1_500, currency: 'KRW' } as const
const about = { id: 'o-1' }
const reserved = [
  { line: 1, product: 'pen' },
  { line: 2, product: 'chair' },
]

test('a listed product gets a stock', () => {
  givenPolicy(openStock)
    .when(happened(Catalog.events.ProductListed, { name: 'Pen', listPrice: won }, { id: 'pen' }))
    .thenIssues(issued(open, { product: 'pen', name: 'Pen' }))
})

describe('an order', () => {
  const placed = happened(
    OrderPlaced,
    {
      lines: [
        { line: 1, product: 'pen', quantity: 10 },
        { line: 2, product: 'chair', quantity: 1 },
      ],
      total: won,
    },
    about,
  )

  test('that is placed reserves each of its lines', () => {
    givenPolicy(reserveGoods)
      .when(placed)
      .thenIssues(
        issued(reserve, 'pen', { order: 'o-1', line: 1, quantity: 10 }),
        issued(reserve, 'chair', { order: 'o-1', line: 2, quantity: 1 }),
      )
  })

  test('hears of each line for which the goods do not suffice', () => {
    givenPolicy(reserveGoods)
      .whenRejected(
        {
          command: 'reserve',
          rejected: 'OutOfStock',
          data: { order: 'o-1', line: 1, wanted: 10, free: 4 },
          id: 'pen',
        },
        placed,
      )
      .thenIssues(issued(refuse, 'pen', { order: 'o-1', line: 1, wanted: 10, free: 4 }))
  })

  test('that is approved is shipped', () => {
    givenPolicy(shipGoods)
      .when(happened(OrderApproved, { reserved }, about))
      .thenIssues(
        issued(ship, 'pen', { order: 'o-1', line: 1 }),
        issued(ship, 'chair', { order: 'o-1', line: 2 }),
      )
  })

  test('that is rejected or cancelled gives back what was reserved for it', () => {
    const both = [
      issued(release, 'pen', { order: 'o-1', line: 1 }),
      issued(release, 'chair', { order: 'o-1', line: 2 }),
    ]
    givenPolicy(releaseRejected)
      .when(happened(OrderRejected, { reason: 'sold out', reserved }, about))
      .thenIssues(...both)
    givenPolicy(releaseCancelled)
      .when(happened(OrderCancelled, { reserved }, about))
      .thenIssues(...both)
    givenPolicy(releaseReturned)
      .when(happened(ReservationReturned, { line: 2, product: 'chair' }, about))
      .thenIssues(issued(release, 'chair', { order: 'o-1', line: 2 }))
  })
})
