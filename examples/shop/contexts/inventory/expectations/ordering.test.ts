// What Ordering, the customer of this context, relies on. It breaks here, in the supplier's suite, before it
// breaks there; change it together with the people of Ordering.
import { Ordering } from '@shop/ordering/contract'
import { given, givenPolicy, givenPublication, happened, issued } from 'dure/testing'
import { describe, test } from 'vitest'
import { publications } from '../app/publications.ts'
import { reserveGoods } from '../app/reserve-goods.ts'
import { StockOpened, StockReceived, StockRefused, StockReserved } from '../domain/stock-events.ts'
import { Stock } from '../domain/stock.ts'

const { reserve, refuse } = Stock.commands
const order = 'o-1'
const pen = 'pen'
const stockOfPens = [
  happened(StockOpened, { product: pen, name: 'Pen' }, { id: pen }),
  happened(StockReceived, { quantity: 10 }),
]
const placedFor = (quantity: number) =>
  happened(
    Ordering.events.OrderPlaced,
    { lines: [{ line: 3, product: pen, quantity }], total: { amount: 9_000, currency: 'KRW' } },
    { id: order },
  )

describe('Ordering expects an answer for each line of an order it placed:', () => {
  test('StockReserved, naming order and line, when there are enough goods', () => {
    const answer = happened(StockReserved, { order, line: 3, quantity: 6 }, { id: pen })
    givenPolicy(reserveGoods)
      .when(placedFor(6))
      .thenIssues(issued(reserve, pen, { order, line: 3, quantity: 6 }))
    given(Stock, ...stockOfPens)
      .when((stock) => stock.reserve({ order, line: 3, quantity: 6 }))
      .thenEvents(answer)
    givenPublication(publications.StockReserved)
      .when(answer)
      .thenBecomes({ product: pen, order, line: 3, quantity: 6 })
  })

  test('StockRefused, saying also what is left, when there are not', () => {
    const answer = happened(StockRefused, { order, line: 3, wanted: 11, free: 10 }, { id: pen })
    const no = { order, line: 3, wanted: 11, free: 10 }
    given(Stock, ...stockOfPens)
      .when((stock) => stock.reserve({ order, line: 3, quantity: 11 }))
      .thenRejected('OutOfStock', no)
    givenPolicy(reserveGoods)
      .whenRejected({ command: 'reserve', rejected: 'OutOfStock', data: no }, placedFor(11))
      .thenIssues(issued(refuse, pen, no))
    given(Stock, ...stockOfPens)
      .when((stock) => stock.refuse(no))
      .thenEvents(answer)
    givenPublication(publications.StockRefused)
      .when(answer)
      .thenBecomes({ product: pen, ...no })
  })
})

test('Ordering expects to hear of each stock before anybody can order from it', () => {
  givenPublication(publications.StockOpened)
    .when(happened(StockOpened, { product: pen, name: 'Pen' }, { id: pen }))
    .thenBecomes({ product: pen })
})
