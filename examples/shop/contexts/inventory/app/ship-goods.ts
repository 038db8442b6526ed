import { Ordering } from '@shop/ordering/contract'
import { policy } from 'dure'
import { Stock, stockOf } from '../domain/stock.ts'

export const shipGoods = policy('ship the goods of an order when it is approved')
  .on(Ordering.events.OrderApproved)
  .issues({ ship: Stock.commands.ship })
  .do(({ reserved }, m, { ship }) =>
    reserved.map(({ line, product }) => ship(stockOf(product), { order: m.id, line })),
  )
