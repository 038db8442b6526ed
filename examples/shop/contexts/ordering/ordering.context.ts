import { actor, anyOf, context, owner, role } from 'dure'
import { approveSmallOrders } from './app/approve-small-orders.ts'
import { CustomerBook } from './app/customer-book.ts'
import { confirmLine, refuseLine } from './app/follow-stock.ts'
import { OrderList } from './app/order-list.ts'
import { orderById, orders } from './app/order-queries.ts'
import { placeOrder } from './app/place-order.ts'
import { PriceList } from './app/price-list.ts'
import { discontinued, listed, repriced } from './app/price-translators.ts'
import { publications } from './app/publications.ts'
import { rejectForgottenOrders } from './app/reject-forgotten-orders.ts'
import { Shelf } from './app/shelf.ts'
import { stockOpened, stockRefused, stockReserved } from './app/stock-translators.ts'
import { Ordering } from './contract.ts'
import { isSmall } from './domain/approval-limit.ts'
import { isForgotten } from './domain/decision-period.ts'
import { totalOf } from './domain/order-total.ts'
import { Order } from './domain/order.ts'
import { priceLines } from './domain/pricing.ts'

const services = [priceLines, totalOf, isSmall, isForgotten]
const views = [OrderList, PriceList, Shelf, CustomerBook]
const policies = [confirmLine, refuseLine, approveSmallOrders]
const translators = [listed, repriced, discontinued, stockOpened, stockReserved, stockRefused]

export const ordering = context(Ordering, [
  Order,
  ...services,
  ...views,
  ...policies,
  rejectForgottenOrders,
  ...translators,
]).implements({
  commands: {
    placeOrder,
    approveOrder: Order.commands.approve,
    rejectOrder: Order.commands.reject,
    cancelOrder: Order.commands.cancel,
  },
  events: publications,
  queries: { orders, orderById },
  // Who approves, rejects and cancels, the order itself says.
  allow: {
    commands: {
      placeOrder: anyOf(
        role('clerk'),
        actor(({ customer }) => customer),
      ),
    },
    queries: {
      orders: anyOf(
        role('clerk'),
        actor(({ customer }) => customer),
      ),
      orderById: anyOf(
        role('clerk'),
        owner((order) => order.customer),
      ),
    },
  },
})
