import { givenJob, issued } from 'dure/testing'
import { describe, test } from 'vitest'
import { Order } from '../domain/order.ts'
import { rejectForgottenOrders } from './reject-forgotten-orders.ts'

const placed = (at: string) => ({
  id: 'o-1' as never,
  customer: 'c-1' as never,
  status: 'reserved' as const,
  total: { amount: 500_000, currency: 'KRW' } as never,
  lines: 1,
  linesReserved: 1,
  placedAt: new Date(at),
})
const due = '2026-03-20T18:00:00Z'

describe('an order that waits for a decision', () => {
  test('is rejected after two weeks, counted to when the job was due', () => {
    givenJob(rejectForgottenOrders)
      .when(placed('2026-03-06T17:59:59Z'), { due })
      .thenIssues(issued(Order.commands.reject, 'o-1', { reason: 'nobody has decided it in two weeks' }))
    givenJob(rejectForgottenOrders).when(placed('2026-03-06T18:00:00Z'), { due }).thenNothing()
  })

  test('is left alone when it was decided meanwhile', () => {
    givenJob(rejectForgottenOrders)
      .whenRejected(
        { command: 'reject', rejected: 'AlreadyDecided', data: { status: 'approved' } },
        placed('2026-01-01T00:00:00Z'),
        { due },
      )
      .thenNothing()
  })
})
