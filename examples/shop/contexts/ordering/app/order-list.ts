import * as z from 'zod'
import { Price } from '@shop/kernel'
import { instant, optional, ref, view } from 'dure'
import { OrderStatus } from '../contract.ts'
import {
  LineReserved,
  OrderApproved,
  OrderCancelled,
  OrderPlaced,
  OrderRejected,
  OrderReserved,
} from '../domain/order-events.ts'

const Row = {
  id: ref('Order'),
  customer: ref('Customer'),
  status: OrderStatus,
  total: Price,
  lines: z.int(),
  linesReserved: z.int(),
  placedAt: instant(),
  reason: optional(z.string()),
}

/** Every order in a line, for lists and look-ups. */
export const OrderList = view('OrderList', 'id', Row)
  .on(
    OrderPlaced,
    (_, m) => m.id,
    (_, { customer, lines, total }, { id, at }) => ({
      id,
      customer,
      status: 'pending',
      total,
      lines: lines.length,
      linesReserved: 0,
      placedAt: at,
    }),
  )
  .on(
    LineReserved,
    (_, m) => m.id,
    (row) => row && { ...row, linesReserved: row.linesReserved + 1 },
  )
  .on(
    OrderReserved,
    (_, m) => m.id,
    (row) => row && { ...row, status: 'reserved' },
  )
  .on(
    OrderApproved,
    (_, m) => m.id,
    (row) => row && { ...row, status: 'approved' },
  )
  .on(
    OrderRejected,
    (_, m) => m.id,
    (row, { reason }) => row && { ...row, status: 'rejected', reason },
  )
  .on(
    OrderCancelled,
    (_, m) => m.id,
    (row) => row && { ...row, status: 'cancelled' },
  )
