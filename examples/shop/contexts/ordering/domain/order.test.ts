import { given, happened, like } from 'dure/testing'
import { describe, test } from 'vitest'
import {
  LineReserved,
  OrderApproved,
  OrderCancelled,
  OrderPlaced,
  OrderRejected,
  OrderReserved,
  ReservationReturned,
} from './order-events.ts'
import { Order } from './order.ts'

const home = { zipcode: '04524', addr1: 'Sejong-daero 110' }
const office = { zipcode: '06164', addr1: 'Yeongdong-daero 513' }
const won = (amount: number) => ({ amount, currency: 'KRW' }) as const
const pen = 'pen'
const chair = 'chair'

const placing = {
  customer: 'c-1',
  registeredAddress: home,
  wanted: [
    { product: pen, quantity: 10 },
    { product: chair, quantity: 1 },
  ],
  prices: [
    { product: chair, price: won(390_000) },
    { product: pen, price: won(1_500) },
  ],
}
const lines = [
  { line: 1, product: pen, quantity: 10, price: won(1_500), reserved: false },
  { line: 2, product: chair, quantity: 1, price: won(390_000), reserved: false },
]
const placed = happened(OrderPlaced, {
  customer: 'c-1',
  lines,
  shippingAddress: home,
  total: won(405_000),
})
const first = happened(LineReserved, { line: 1 })
const second = happened(LineReserved, { line: 2 })
const complete = happened(OrderReserved, { total: won(405_000) })
const both = [
  { line: 1, product: pen },
  { line: 2, product: chair },
]

describe('placing an order', () => {
  test('takes the list prices, the total and the address the customer is registered with', () => {
    given(Order)
      .when((orders) => orders.place(placing))
      .thenEvents(placed)
      .thenState({ status: 'pending' })
  })

  test('ships elsewhere when told so', () => {
    given(Order)
      .when((orders) => orders.place({ ...placing, shippingAddress: office }))
      .thenEvents(like(OrderPlaced, { shippingAddress: office }))
  })

  test('of nothing is refused', () => {
    given(Order)
      .when((orders) => orders.place({ ...placing, wanted: [] }))
      .thenRejected('EmptyOrder')
  })

  test('of a product without a list price is refused', () => {
    given(Order)
      .when((orders) => orders.place({ ...placing, prices: placing.prices.slice(1) }))
      .thenRejected('NotSold', { product: chair })
  })

  test('for a customer nobody knows is refused, wherever it should go', () => {
    given(Order)
      .when((orders) => orders.place({ ...placing, registeredAddress: undefined, shippingAddress: office }))
      .thenRejected('UnknownCustomer')
  })

  test('in two currencies is refused', () => {
    const dollars = { product: pen, price: { amount: 100, currency: 'USD' } } as const
    given(Order)
      .when((orders) => orders.place({ ...placing, prices: [...placing.prices, dollars] }))
      .thenRejected('MixedCurrencies')
  })
})

describe('reserving its goods', () => {
  test('goes line by line', () => {
    given(Order, placed)
      .when((order) => order.confirmLine({ line: 2 }))
      .thenEvents(second)
      .thenState({ status: 'pending' })
      .when((order) => order.confirmLine({ line: 1 }))
      .thenEvents(first, complete)
      .thenState({ status: 'reserved' })
  })

  test('twice for the same line is once', () => {
    given(Order, placed, first)
      .when((order) => order.confirmLine({ line: 1 }))
      .thenNothing()
  })

  test('that is refused for one line rejects the order, and says what to release', () => {
    given(Order, placed, first)
      .when((order) => order.refuseLine({ line: 2, left: 0 }))
      .thenEvents(
        happened(OrderRejected, { reason: 'line 2 is out of stock, 0 left', reserved: both.slice(0, 1) }),
      )
      .thenState({ status: 'rejected' })
  })

  test('refused for two lines rejects it once', () => {
    given(Order, placed)
      .when((order) => order.refuseLine({ line: 1, left: 3 }))
      .when((order) => order.refuseLine({ line: 2, left: 0 }))
      .thenNothing()
  })

  test('that comes after the order was closed is given back', () => {
    given(Order, placed, first, happened(OrderCancelled, { reserved: both.slice(0, 1) }))
      .when((order) => order.confirmLine({ line: 2 }))
      .thenEvents(happened(ReservationReturned, { line: 2, product: chair }))
      .thenState({ status: 'cancelled' })
  })

  test('that fails after the order was closed changes nothing', () => {
    given(Order, placed, happened(OrderCancelled, { reserved: [] }))
      .when((order) => order.refuseLine({ line: 2, left: 0 }))
      .thenNothing()
  })
})

describe('deciding it', () => {
  test('approval says which goods to ship', () => {
    given(Order, placed, first, second, complete)
      .when((order) => order.approve())
      .thenEvents(happened(OrderApproved, { reserved: both }))
      .thenState({ status: 'approved' })
  })

  test('approval waits for the goods', () => {
    given(Order, placed, first)
      .when((order) => order.approve())
      .thenRejected('NotReserved', { waitingFor: [2] })
  })

  test('rejection and cancellation say which goods to release', () => {
    given(Order, placed, first, second, complete)
      .when((order) => order.reject({ reason: 'too far away' }))
      .thenEvents(happened(OrderRejected, { reason: 'too far away', reserved: both }))
    given(Order, placed, first)
      .when((order) => order.cancel())
      .thenEvents(happened(OrderCancelled, { reserved: both.slice(0, 1) }))
  })

  test('is done once', () => {
    const approved = given(Order, placed, first, second, complete).when((order) => order.approve())
    approved.when((order) => order.approve()).thenRejected('AlreadyDecided', { status: 'approved' })
    approved.when((order) => order.cancel()).thenRejected('AlreadyDecided', { status: 'approved' })
    approved
      .when((order) => order.reject({ reason: 'late' }))
      .thenRejected('AlreadyDecided', { status: 'approved' })
  })
})
