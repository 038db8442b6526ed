import { publish } from 'dure'
import * as inner from '../domain/order-events.ts'

/** What the world hears of an order: neither who ordered it nor where it goes. */
export const publications = {
  OrderPlaced: publish(inner.OrderPlaced, ({ lines, total }) => ({
    lines: lines.map(({ line, product, quantity }) => ({ line, product, quantity })),
    total,
  })),
  OrderApproved: publish(inner.OrderApproved, ({ reserved }) => ({ reserved })),
  OrderRejected: publish(inner.OrderRejected, ({ reason, reserved }) => ({ reason, reserved })),
  OrderCancelled: publish(inner.OrderCancelled, ({ reserved }) => ({ reserved })),
  ReservationReturned: publish(inner.ReservationReturned, ({ line, product }) => ({ line, product })),
}
