import { event, instant, publish, ref, translate } from 'dure'
import { Money, Order, OrderApproved, OrderPlaced, OrderRejected } from '../../test/fixtures/ordering.ts'
import { OrderList, Ordering, Stock, reserveStock } from '../../test/fixtures/shop.ts'
import {
  given,
  givenPolicy,
  givenPublication,
  givenStored,
  givenTranslator,
  givenView,
  happened,
  issued,
} from './index.ts'

const shipTo = { zipcode: '04524', addr1: 'x' }
const placing = { customer: 'c-1', lines: [], shipTo }
const placed = happened(OrderPlaced, { ...placing, total: { amount: 1, currency: 'KRW' } })
const published = happened(Ordering.events.OrderPlaced, { lines: [], total: 1 })
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

givenPolicy(reserveStock)
  .when(happened(Ordering.events.OrderPlaced, { lines: [], total: 1 }))
  .thenIssues(issued(Stock.commands.reserve, 'stock-1', { order: 'o-1', quantity: 1 }))
// @ts-expect-error a command without the id of what it changes
issued(Stock.commands.reserve, { order: 'o-1', quantity: 1 })
// @ts-expect-error a command that creates takes no id
issued(Stock.commands.open, 'stock-1', { product: 'p-1', quantity: 1 })
// @ts-expect-error an event that the policy does not subscribe to
givenPolicy(reserveStock).when(happened(OrderApproved))
const open = issued(Stock.commands.open, { product: 'p', quantity: 1 })
// @ts-expect-error a command that the policy does not issue
givenPolicy(reserveStock).when(published).thenIssues(open)
// @ts-expect-error a row with a word it does not know
givenView(OrderList, placed).thenRow('o-1', { status: 'nope' })
// @ts-expect-error a row without all of its fields
givenView(OrderList, placed).thenRows({ id: 'o-1' })
givenStored(OrderRejected, 1, { reason: 'x' }).thenReads({ reason: 'x' })
// @ts-expect-error a field that the event does not have
givenStored(OrderRejected, 1, { reason: 'x' }).thenReads({ cause: 'x' })

const total = { amount: 1, currency: 'KRW' } as const
given(Order)
  .when((orders) => orders.place(placing))
  .thenRejected('TooExpensive', { total })
  .thenRejected('TooExpensive', { total: new Money(total) })
// @ts-expect-error a rejection with a field that it does not have
pending.when((order) => order.approve()).thenRejected('AlreadyDecided', { state: 'approved' })

const no = { command: 'reserve', rejected: 'OutOfStock', data: { free: 1 } } as const
const reserving = givenPolicy(reserveStock)
reserving.whenRejected(no, published)
reserving.whenRejected({ ...no, id: 'stock-1', input: { order: 'o-1', quantity: 1 } }, published)
// @ts-expect-error a rejection without its data
reserving.whenRejected({ command: 'reserve', rejected: 'OutOfStock' }, published)
// @ts-expect-error a rejection that the command never meets
reserving.whenRejected({ ...no, rejected: 'SoldOut' }, published)
// @ts-expect-error a command that the policy does not issue
reserving.whenRejected({ ...no, command: 'open' }, published)
// @ts-expect-error an input without all of its fields
reserving.whenRejected({ ...no, input: { quantity: 1 } }, published)
// @ts-expect-error data of the wrong type
reserving.whenRejected({ ...no, data: { free: 'many' } }, published)

const Reserved = event('Reserved', { order: ref('Order'), at: instant() })
const Emptied = event('Emptied', {})
const publishing = givenPublication(publish(Reserved, ({ order, at }) => ({ order, at })))
const published1 = publishing.when(happened(Reserved, { order: 'o-1', at: '2026-01-01T00:00:00Z' }))
published1.thenBecomes({ order: 'o-1', at: '2026-01-01T00:00:00Z' })
published1.thenBecomes({ order: 'o-1', at: new Date(0) })
// @ts-expect-error a field of the wrong type
published1.thenBecomes({ order: 1, at: '2026-01-01T00:00:00Z' })
// @ts-expect-error a field that is not published
published1.thenBecomes({ order: 'o-1', at: new Date(0), who: 'x' })
// @ts-expect-error an event instead of its data
published1.thenBecomes(happened(Reserved, { order: 'o-1', at: new Date(0) }))
const nothing = givenPublication(publish(Emptied, () => ({}))).when(happened(Emptied))
nothing.thenBecomes({})
// @ts-expect-error an event instead of its data, also where it has none
nothing.thenBecomes(happened(Emptied))

const translated = givenTranslator(
  translate(Ordering.events.OrderPlaced).into(Reserved, (_, m) => ({ order: m.id, at: m.at })),
).when(published)
translated.thenBecomes({ order: 'o-1', at: '2026-01-01T00:00:00Z' })
// @ts-expect-error an event instead of its data
translated.thenBecomes(happened(Reserved, { order: 'o-1', at: new Date(0) }))
