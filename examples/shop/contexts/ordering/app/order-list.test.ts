import { givenView, happened } from 'dure/testing'
import { describe, test } from 'vitest'
import {
  LineReserved,
  OrderApproved,
  OrderCancelled,
  OrderPlaced,
  OrderRejected,
  OrderReserved,
} from '../domain/order-events.ts'
import { OrderList } from './order-list.ts'

const price = { amount: 1_500, currency: 'KRW' } as const
const placed = happened(
  OrderPlaced,
  {
    customer: 'lee',
    lines: [{ line: 1, product: 'pen', quantity: 1, price, reserved: false }],
    shippingAddress: { zipcode: '04524', addr1: 'Sejong-daero 110' },
    total: price,
  },
  { id: 'o-1', at: new Date('2026-03-01T09:00:00Z') },
)
const about = { id: 'o-1' }
const reserved = [
  happened(LineReserved, { line: 1 }, about),
  happened(OrderReserved, { total: price }, about),
]

describe('the list of orders', () => {
  test('shows a new order in one line', () => {
    givenView(OrderList, placed).thenRows({
      id: 'o-1',
      customer: 'lee',
      status: 'pending',
      total: price,
      lines: 1,
      linesReserved: 0,
      placedAt: '2026-03-01T09:00:00Z',
    })
  })

  test('shows what became of it', () => {
    givenView(OrderList, placed, ...reserved).thenRow('o-1', { status: 'reserved', linesReserved: 1 })
    givenView(OrderList, placed, ...reserved, happened(OrderApproved, { reserved: [] }, about)).thenRow(
      'o-1',
      {
        status: 'approved',
      },
    )
    givenView(
      OrderList,
      placed,
      happened(OrderRejected, { reason: 'sold out', reserved: [] }, about),
    ).thenRow('o-1', { status: 'rejected', reason: 'sold out' })
    givenView(OrderList, placed, happened(OrderCancelled, { reserved: [] }, about)).thenRow('o-1', {
      status: 'cancelled',
    })
  })
})
