import { Order, OrderApproved, OrderPlaced, OrderRejected } from '../../test/fixtures/ordering.ts'
import { Stock } from '../../test/fixtures/shop.ts'
import { given, happened } from './index.ts'

const shipTo = { zipcode: '04524', addr1: 'x' }
const placing = { customer: 'c-1', lines: [], shipTo }
const placed = happened(OrderPlaced, { ...placing, total: { amount: 1, currency: 'KRW' } })
const pending = given(Order, placed)

pending.when((order) => order.approve()).thenEvents(happened(OrderApproved))
given(Order)
  .when((orders) => orders.place(placing))
  .thenState({ status: 'pending', reason: undefined })
const history = [placed, happened(OrderApproved)]
given(Order, ...history)
  .when((order) => order.approve())
  .thenRejected('AlreadyDecided')

// @ts-expect-error an event without its data
happened(OrderRejected)
// @ts-expect-error a field of the wrong type
happened(OrderRejected, { reason: 1 })
// @ts-expect-error the events of another aggregate
given(Stock, placed)
// @ts-expect-error a command of an order that is not there yet
given(Order).when((orders) => orders.approve())
// @ts-expect-error a factory of an order that is there
pending.when((order) => order.place(placing))
// @ts-expect-error an act that answers nothing
pending.when(() => undefined)
// @ts-expect-error an event that the command never emits
pending.when((order) => order.approve()).thenEvents(happened(OrderRejected, { reason: 'x' }))
// @ts-expect-error a rejection that the command never meets
pending.when((order) => order.approve()).thenRejected('EmptyOrder')
// @ts-expect-error a rejection with data of the wrong type
pending.when((order) => order.approve()).thenRejected('AlreadyDecided', { status: 'nope' })
// @ts-expect-error a state with a word it does not know
pending.when((order) => order.approve()).thenState({ status: 'nope' })
