import { context, role } from 'dure'
import { openStock } from './app/open-stock.ts'
import { publications } from './app/publications.ts'
import { releaseCancelled, releaseRejected, releaseReturned } from './app/release-goods.ts'
import { reserveGoods } from './app/reserve-goods.ts'
import { shipGoods } from './app/ship-goods.ts'
import { StockList } from './app/stock-list.ts'
import { Inventory } from './contract.ts'
import { Stock } from './domain/stock.ts'

const policies = [openStock, reserveGoods, releaseRejected, releaseCancelled, releaseReturned, shipGoods]

export const inventory = context(Inventory, [Stock, StockList, ...policies]).implements({
  commands: { receiveStock: Stock.commands.receive },
  events: publications,
  queries: {
    stock: (_, reading) => reading.view(StockList).list({ orderBy: 'name' }),
    stockById: ({ id }, reading) => reading.view(StockList).get(id),
  },
  allow: {
    commands: { receiveStock: role('clerk') },
    queries: { stock: role('clerk'), stockById: role('clerk') },
  },
})
