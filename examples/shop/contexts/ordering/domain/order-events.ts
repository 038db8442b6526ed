import * as z from 'zod'
import { Address, Price } from '@shop/kernel'
import { event, list, ref } from 'dure'
import { OrderLine } from './order-line.ts'
import { ReservedLine } from './reserved-line.ts'

export const OrderPlaced = event('OrderPlaced', {
  customer: ref('Customer'),
  lines: list(OrderLine),
  shippingAddress: Address,
  total: Price,
})
export const LineReserved = event('LineReserved', { line: z.int() })
/** All lines are reserved now; says the total, since that decides who has to approve. */
export const OrderReserved = event('OrderReserved', { total: Price })

// How an order is closed says which goods are reserved for it, so that whoever ships or releases them
// need not ask.
export const OrderApproved = event('OrderApproved', { reserved: list(ReservedLine) })
export const OrderRejected = event('OrderRejected', { reason: z.string(), reserved: list(ReservedLine) })
export const OrderCancelled = event('OrderCancelled', { reserved: list(ReservedLine) })

/** A reservation that came when the order was closed already: nobody but this event will give it back. */
export const ReservationReturned = event('ReservationReturned', { line: z.int(), product: ref('Product') })
