import { Inventory } from '@shop/inventory/contract'
import { givenPolicy, givenTranslator, happened, issued } from 'dure/testing'
import { describe, test } from 'vitest'
import { OrderReserved } from '../domain/order-events.ts'
import { Order } from '../domain/order.ts'
import { approveSmallOrders } from './approve-small-orders.ts'
import { confirmLine, refuseLine } from './follow-stock.ts'
import { GoodsRefused, GoodsReserved, stockRefused, stockReserved } from './stock-translators.ts'

const forLine = { product: 'pen', order: 'o-1', line: 2 }
const won = (amount: number) => ({ amount, currency: 'KRW' }) as const

describe('an order follows its goods', () => {
  test('what a stock says is translated into what an order wants to know', () => {
    givenTranslator(stockReserved)
      .when(happened(Inventory.events.StockReserved, { ...forLine, quantity: 6 }))
      .thenBecomes({ order: 'o-1', line: 2 })
    givenTranslator(stockRefused)
      .when(happened(Inventory.events.StockRefused, { ...forLine, wanted: 6, free: 4 }))
      .thenBecomes({ order: 'o-1', line: 2, left: 4 })
  })

  test('reserved goods confirm their line, refused ones reject the order', () => {
    givenPolicy(confirmLine)
      .when(happened(GoodsReserved, { order: 'o-1', line: 2 }))
      .thenIssues(issued(Order.commands.confirmLine, 'o-1', { line: 2 }))
    givenPolicy(refuseLine)
      .when(happened(GoodsRefused, { order: 'o-1', line: 2, left: 4 }))
      .thenIssues(issued(Order.commands.refuseLine, 'o-1', { line: 2, left: 4 }))
  })
})

describe('approval', () => {
  test('of a small order needs nobody, of a larger one a person', () => {
    givenPolicy(approveSmallOrders)
      .when(happened(OrderReserved, { total: won(300_000) }, { id: 'o-1' }))
      .thenIssues(issued(Order.commands.approve, 'o-1'))
    givenPolicy(approveSmallOrders)
      .when(happened(OrderReserved, { total: won(300_001) }, { id: 'o-1' }))
      .thenNothing()
  })

  test('leaves alone an order that was decided meanwhile', () => {
    givenPolicy(approveSmallOrders)
      .whenRejected(
        { command: 'approve', rejected: 'AlreadyDecided', data: { status: 'cancelled' } },
        happened(OrderReserved, { total: won(1) }, { id: 'o-1' }),
      )
      .thenNothing()
  })
})
