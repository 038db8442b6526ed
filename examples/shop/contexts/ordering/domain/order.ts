import * as z from 'zod'
import { Address, Price } from '@shop/kernel'
import { aggregate, anyOf, list, optional, owner, ref, role } from 'dure'
import { OrderStatus } from '../contract.ts'
import { ListPrice } from './list-price.ts'
import {
  LineReserved,
  OrderApproved,
  OrderCancelled,
  OrderPlaced,
  OrderRejected,
  OrderReserved,
  ReservationReturned,
} from './order-events.ts'
import { OrderLine } from './order-line.ts'
import { totalOf } from './order-total.ts'
import { priceLines } from './pricing.ts'
import { ReservedLine } from './reserved-line.ts'
import { Wanted } from './wanted.ts'

interface Lines {
  readonly lines: readonly OrderLine[]
}

const reservedIn = ({ lines }: Lines): readonly ReservedLine[] =>
  lines.filter((it) => it.reserved).map(({ line, product }) => new ReservedLine({ line, product }))

const waitingIn = ({ lines }: Lines): readonly number[] =>
  lines.filter((it) => !it.reserved).map(({ line }) => line)

const withReserved = ({ lines }: Lines, number: number): readonly OrderLine[] =>
  lines.map((it) => (it.line === number ? it.with({ reserved: true }) : it))

const isOpen = (status: string): boolean => status === 'pending' || status === 'reserved'

/** A customer's order, from the wish to the decision. */
export const Order = aggregate('Order', {
  state: {
    customer: ref('Customer'),
    lines: list(OrderLine),
    shippingAddress: Address,
    total: Price,
    status: OrderStatus,
    reason: optional(z.string()),
  },
  events: {
    OrderPlaced,
    LineReserved,
    OrderReserved,
    OrderApproved,
    OrderRejected,
    OrderCancelled,
    ReservationReturned,
  },
  rejections: {
    EmptyOrder: {},
    UnknownCustomer: { customer: ref('Customer') },
    NotSold: { product: ref('Product') },
    MixedCurrencies: {},
    NotReserved: { waitingFor: list(z.int()) },
    AlreadyDecided: { status: OrderStatus },
  },
})
  .starts({ OrderPlaced: (e) => ({ ...e, status: 'pending' }) })
  .evolves({
    LineReserved: (order, { line }) => ({ ...order, lines: withReserved(order, line) }),
    OrderReserved: (order) => ({ ...order, status: 'reserved' }),
    OrderApproved: (order) => ({ ...order, status: 'approved' }),
    OrderRejected: (order, { reason }) => ({ ...order, status: 'rejected', reason }),
    OrderCancelled: (order) => ({ ...order, status: 'cancelled' }),
    ReservationReturned: (order) => order,
  })
  .invariant('EmptyOrder', (order) => order.lines.length > 0)
  .factory(
    'place',
    {
      customer: ref('Customer'),
      /** Where the customer lives; absent for one that nobody knows. */
      registeredAddress: optional(Address),
      shippingAddress: optional(Address),
      wanted: list(Wanted),
      prices: list(ListPrice),
    },
    ({ customer, registeredAddress, shippingAddress = registeredAddress, ...input }, { emit, reject }) => {
      if (registeredAddress === undefined || shippingAddress === undefined) {
        return reject('UnknownCustomer', { customer })
      }
      const priced = priceLines(input.wanted, input.prices)
      if ('notSold' in priced) return reject('NotSold', { product: priced.notSold })
      const { lines } = priced
      const total = totalOf(lines)
      if (total === undefined) return reject('MixedCurrencies')
      return emit.OrderPlaced({ customer, lines, shippingAddress, total })
    },
  )
  .command('confirmLine', { line: z.int() }, (order, { line }, { emit }) => {
    const confirmed = order.lines.find((it) => it.line === line)
    if (confirmed === undefined || confirmed.reserved) return []
    if (!isOpen(order.status)) return emit.ReservationReturned({ line, product: confirmed.product })
    const reserved = emit.LineReserved({ line })
    return waitingIn(order).length > 1 ? reserved : [reserved, emit.OrderReserved({ total: order.total })]
  })
  .command('refuseLine', { line: z.int(), left: z.int() }, (order, { line, left }, { emit }) =>
    isOpen(order.status)
      ? emit.OrderRejected({
          reason: `line ${line} is out of stock, ${left} left`,
          reserved: reservedIn(order),
        })
      : [],
  )
  .command(
    'approve',
    {},
    (order, _, { emit, reject }) => {
      if (order.status === 'pending') return reject('NotReserved', { waitingFor: waitingIn(order) })
      if (order.status !== 'reserved') return reject('AlreadyDecided', { status: order.status })
      return emit.OrderApproved({ reserved: reservedIn(order) })
    },
    { allow: role('clerk') },
  )
  .command(
    'reject',
    { reason: z.string() },
    (order, { reason }, { emit, reject }) =>
      isOpen(order.status)
        ? emit.OrderRejected({ reason, reserved: reservedIn(order) })
        : reject('AlreadyDecided', { status: order.status }),
    { allow: role('clerk') },
  )
  .command(
    'cancel',
    {},
    (order, _, { emit, reject }) =>
      isOpen(order.status)
        ? emit.OrderCancelled({ reserved: reservedIn(order) })
        : reject('AlreadyDecided', { status: order.status }),
    {
      allow: anyOf(
        role('clerk'),
        owner((order) => order.customer),
      ),
    },
  )
