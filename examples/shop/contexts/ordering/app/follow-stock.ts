import { policy } from 'dure'
import { Order } from '../domain/order.ts'
import { GoodsRefused, GoodsReserved } from './stock-translators.ts'

export const confirmLine = policy('confirm a line of an order when its goods are reserved')
  .on(GoodsReserved)
  .issues({ confirm: Order.commands.confirmLine })
  .do(({ order, line }, _, { confirm }) => confirm(order, { line }))

export const refuseLine = policy('reject an order when goods for one of its lines are refused')
  .on(GoodsRefused)
  .issues({ refuse: Order.commands.refuseLine })
  .do(({ order, line, left }, _, { refuse }) => refuse(order, { line, left }))
