import { given, happened } from 'dure/testing'
import { describe, test } from 'vitest'
import {
  StockOpened,
  StockReceived,
  StockRefused,
  StockReleased,
  StockReserved,
  StockShipped,
} from './stock-events.ts'
import { Stock } from './stock.ts'

const opened = happened(StockOpened, { product: 'pen', name: 'Pen' })
const ten = happened(StockReceived, { quantity: 10 })
const line = { order: 'o-1', line: 1 }
const six = happened(StockReserved, { ...line, quantity: 6 })

describe('the stock of a product', () => {
  test('opens empty, under the id of its product', () => {
    given(Stock)
      .when((stocks) => stocks.open({ product: 'pen', name: 'Pen' }))
      .thenEvents(opened)
      .thenState({ onHand: 0, reservations: [] })
  })

  test('receives goods', () => {
    given(Stock, opened)
      .when((stock) => stock.receive({ quantity: 10 }))
      .thenEvents(ten)
      .thenState({ onHand: 10 })
  })

  test('reserves what is free, and only that', () => {
    given(Stock, opened, ten)
      .when((stock) => stock.reserve({ ...line, quantity: 6 }))
      .thenEvents(six)
      .thenState({ onHand: 10, reservations: [{ ...line, quantity: 6 }] })
      .when((stock) => stock.reserve({ order: 'o-2', line: 1, quantity: 5 }))
      .thenRejected('OutOfStock', { free: 4 })
      .when((stock) => stock.reserve({ order: 'o-2', line: 1, quantity: 4 }))
      .thenEvents(happened(StockReserved, { order: 'o-2', line: 1, quantity: 4 }))
  })

  test('reserves once for a line', () => {
    given(Stock, opened, ten, six)
      .when((stock) => stock.reserve({ ...line, quantity: 6 }))
      .thenNothing()
  })

  test('tells apart two lines of one order', () => {
    given(Stock, opened, ten, six)
      .when((stock) => stock.reserve({ order: 'o-1', line: 2, quantity: 1 }))
      .thenState({
        reservations: [
          { ...line, quantity: 6 },
          { order: 'o-1', line: 2, quantity: 1 },
        ],
      })
  })

  test('says what it could not give', () => {
    given(Stock, opened)
      .when((stock) => stock.refuse({ ...line, wanted: 6, free: 0 }))
      .thenEvents(happened(StockRefused, { ...line, wanted: 6, free: 0 }))
      .thenState({ onHand: 0, reservations: [] })
  })

  test('takes released goods back, once', () => {
    given(Stock, opened, ten, six)
      .when((stock) => stock.release(line))
      .thenEvents(happened(StockReleased, { ...line, quantity: 6 }))
      .thenState({ onHand: 10, reservations: [] })
      .when((stock) => stock.release(line))
      .thenNothing()
  })

  test('ships what was reserved, and nothing else', () => {
    given(Stock, opened, ten, six)
      .when((stock) => stock.ship(line))
      .thenEvents(happened(StockShipped, { ...line, quantity: 6 }))
      .thenState({ onHand: 4, reservations: [] })
      .when((stock) => stock.ship(line))
      .thenRejected('NotReserved')
  })
})
