import { context, publish } from 'dure'
import { openStock } from './app/open-stock.ts'
import { releaseCancelled, releaseRejected, releaseReturned } from './app/release-goods.ts'
import { reserveGoods } from './app/reserve-goods.ts'
import { shipGoods } from './app/ship-goods.ts'
import { StockList } from './app/stock-list.ts'
import { Inventory } from './contract.ts'
import { StockRefused, StockReserved } from './domain/stock-events.ts'
import { Stock } from './domain/stock.ts'

const policies = [openStock, reserveGoods, releaseRejected, releaseCancelled, releaseReturned, shipGoods]

export const inventory = context(Inventory, [Stock, StockList, ...policies]).implements({
  commands: { receiveStock: Stock.commands.receive },
  events: {
    // The stock's id is the product's: see stockOf.
    StockReserved: publish(StockReserved, (e, m) => ({ product: m.id, ...e })),
    StockRefused: publish(StockRefused, (e, m) => ({ product: m.id, ...e })),
  },
  queries: {
    stock: (_, reading) => reading.view(StockList).list({ orderBy: 'name' }),
    stockById: ({ id }, reading) => reading.view(StockList).get(id),
  },
})
