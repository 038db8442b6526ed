import * as z from 'zod'
import { Address, Price } from '@shop/kernel'
import { contract, instant, list, object, oneOf, optional, ref } from 'dure'

/** `reserved` is an order whose goods are all set aside, and that waits to be approved. */
export const OrderStatus = oneOf('pending', 'reserved', 'approved', 'rejected', 'cancelled')

const Summary = {
  id: ref('Order'),
  customer: ref('Customer'),
  /** Absent once the customer was erased. */
  customerName: optional(z.string()),
  status: OrderStatus,
  total: Price,
  lines: z.int(),
  linesReserved: z.int(),
  placedAt: instant(),
  reason: optional(z.string()),
}

const Order = {
  id: ref('Order'),
  customer: ref('Customer'),
  customerName: optional(z.string()),
  status: OrderStatus,
  lines: list(
    object({
      line: z.int(),
      product: ref('Product'),
      quantity: z.int(),
      price: Price,
      reserved: z.boolean(),
    }),
  ),
  shippingAddress: Address,
  total: Price,
  reason: optional(z.string()),
}

const Goods = list(object({ line: z.int(), product: ref('Product') }))

export const Ordering = contract('Ordering', {
  commands: {
    placeOrder: {
      customer: ref('Customer'),
      // No price: the shop's own list price holds.
      lines: list(object({ product: ref('Product'), quantity: z.int().positive() }), { max: 50 }),
      /** The address the customer is registered with, when left out. */
      shippingAddress: optional(Address),
    },
    approveOrder: { id: ref('Order') },
    rejectOrder: { id: ref('Order'), reason: z.string().min(1) },
    cancelOrder: { id: ref('Order') },
  },
  events: {
    OrderPlaced: {
      lines: list(object({ line: z.int(), product: ref('Product'), quantity: z.int() })),
      total: Price,
    },
    OrderApproved: { reserved: Goods },
    OrderRejected: { reason: z.string(), reserved: Goods },
    OrderCancelled: { reserved: Goods },
    ReservationReturned: { line: z.int(), product: ref('Product') },
  },
  rejections: {
    EmptyOrder: {},
    UnknownCustomer: { customer: ref('Customer') },
    NotSold: { product: ref('Product') },
    MixedCurrencies: {},
    NotReserved: { waitingFor: list(z.int()) },
    AlreadyDecided: { status: OrderStatus },
  },
  queries: {
    orders: {
      in: { status: optional(OrderStatus), customer: optional(ref('Customer')) },
      out: list(object(Summary)),
    },
    orderById: { in: { id: ref('Order') }, out: Order },
  },
})
