import { given, happened } from 'dure/testing'
import { test } from 'vitest'
import { Customer, CustomerTakenOver, PointsEarned } from './customer.ts'

test('a customer from before goes on where the old program left them', () => {
  const bora = { name: 'Kim Bora', email: 'bora@example.kr', points: 30 }
  given(Customer, happened(CustomerTakenOver, bora))
    .when((customer) => customer.earn({ points: 5 }))
    .thenEvents(happened(PointsEarned, { points: 5 }))
    .thenState({ points: 35 })
})
