import { Ordering } from '@shop/ordering/contract'
import { policy } from 'dure'
import { Stock, stockOf } from '../domain/stock.ts'

const issues = { release: Stock.commands.release }

export const releaseRejected = policy('release the goods of a rejected order')
  .on(Ordering.events.OrderRejected)
  .issues(issues)
  .do(({ reserved }, m, { release }) =>
    reserved.map(({ line, product }) => release(stockOf(product), { order: m.id, line })),
  )

export const releaseCancelled = policy('release the goods of a cancelled order')
  .on(Ordering.events.OrderCancelled)
  .issues(issues)
  .do(({ reserved }, m, { release }) =>
    reserved.map(({ line, product }) => release(stockOf(product), { order: m.id, line })),
  )

/** Goods that were reserved while the order was being closed: it heard of them too late to list them. */
export const releaseReturned = policy('release goods that an order has no use for any more')
  .on(Ordering.events.ReservationReturned)
  .issues(issues)
  .do(({ line, product }, m, { release }) => release(stockOf(product), { order: m.id, line }))
