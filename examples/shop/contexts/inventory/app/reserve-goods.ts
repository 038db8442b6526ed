import { Ordering } from '@shop/ordering/contract'
import { policy } from 'dure'
import { Stock, stockOf } from '../domain/stock.ts'

/** Line by line, since each product is a stock of its own: one may have the goods where another has not. */
export const reserveGoods = policy('reserve the goods of an order when it is placed')
  .on(Ordering.events.OrderPlaced)
  .issues({ reserve: Stock.commands.reserve, refuse: Stock.commands.refuse })
  .do(({ lines }, m, { reserve }) =>
    lines.map(({ line, product, quantity }) => reserve(stockOf(product), { order: m.id, line, quantity })),
  )
  .rejected(({ id, data }, _, __, { refuse }) => refuse(id, data))
