import { policy } from 'dure'
import { isSmall } from '../domain/approval-limit.ts'
import { OrderReserved } from '../domain/order-events.ts'
import { Order } from '../domain/order.ts'

/** Larger ones wait for a person. One that was decided meanwhile is left as it is. */
export const approveSmallOrders = policy('approve a small order when all its goods are reserved')
  .on(OrderReserved)
  .issues({ approve: Order.commands.approve })
  .do(({ total }, m, { approve }) => (isSmall(total) ? approve(m.id) : []))
  .rejected(() => [])
