import { describe, expect, test } from 'vitest'
import {
  Money,
  Order,
  OrderApproved,
  OrderErased,
  OrderPlaced,
  OrderRejected,
} from '../../test/fixtures/ordering.ts'
import { given, happened, like, testWorld } from './index.ts'

const lines = [{ lineId: '1', product: 'p-1', quantity: 2, price: { amount: 500, currency: 'KRW' } }] as const
const placing = { customer: 'c-1', lines, shipTo: { zipcode: '04524', addr1: 'Sejong-daero 110' } }
const total = { amount: 1000, currency: 'KRW' } as const
const placed = happened(OrderPlaced, { ...placing, total })

describe('given, when, then on an aggregate', () => {
  test('a factory', () => {
    const outcome = given(Order)
      .when((orders) => orders.place(placing))
      .thenEvents(placed)
      .thenState({ status: 'pending', total, reason: undefined })
    expect(outcome.answer.ok).toBe(true)
  })

  test('a command, and another after it', () => {
    const outcome = given(Order, placed)
      .when((order) => order.approve())
      .thenEvents(happened(OrderApproved))
      .thenState({ status: 'approved' })
      .when((order) => order.reject({ reason: 'late' }))
      .thenRejected('AlreadyDecided', { status: 'approved' })
      .thenState({ status: 'approved' })
      .when((order) => order.erase())
      .thenEvents(happened(OrderErased))
      .thenEnded()
    expect(outcome.answer.ok).toBe(true)
  })

  test('some fields of an event are enough', () => {
    const outcome = given(Order)
      .in(testWorld({ now: '2026-02-03T00:00:00Z' }))
      .when((orders) => orders.place(placing))
      .thenEvents(like(OrderPlaced, { total: new Money(total) }))
    expect(outcome.answer.ok).toBe(true)
  })

  test('what is not so fails with both sides', () => {
    const outcome = given(Order, placed).when((order) => order.reject({ reason: 'late' }))
    expect(() => outcome.thenEvents(happened(OrderRejected, { reason: 'early' }))).toThrow(
      expect.objectContaining({
        name: 'AssertionError',
        message: 'Order.reject decided other events',
        expected: [{ type: 'OrderRejected', data: { reason: 'early' } }],
        actual: [{ type: 'OrderRejected', data: { reason: 'late' } }],
      }),
    )
    expect(() => outcome.thenNothing()).toThrow('did not leave it at that')
    expect(() => outcome.thenRejected('AlreadyDecided')).toThrow('was accepted')
    expect(() => outcome.thenState({ status: 'approved' })).toThrow('the state is another')
    expect(() => outcome.thenEnded()).toThrow('has not ended')
  })
})
