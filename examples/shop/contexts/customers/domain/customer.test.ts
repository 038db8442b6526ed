import { given, happened } from 'dure/testing'
import { describe, test } from 'vitest'
import { Customer, CustomerErased, CustomerMoved, CustomerRegistered } from './customer.ts'

const seoul = { zipcode: '04524', addr1: 'Sejong-daero 110' }
const busan = { zipcode: '47545', addr1: 'Jungang-daero 1001' }
const registered = happened(CustomerRegistered, { name: 'Lee Jun', address: seoul })

describe('a customer', () => {
  test('registers, with or without an e-mail address', () => {
    given(Customer)
      .when((customers) => customers.register({ name: 'Lee Jun', address: seoul }))
      .thenEvents(registered)
    given(Customer)
      .when((customers) => customers.register({ name: 'Lee Jun', address: seoul, email: 'jun@example.com' }))
      .thenState({ email: 'jun@example.com' })
  })

  test('moves, but not to where they live', () => {
    given(Customer, registered)
      .when((customer) => customer.move({ address: seoul }))
      .thenNothing()
      .when((customer) => customer.move({ address: busan }))
      .thenEvents(happened(CustomerMoved, { address: busan }))
  })

  test('is erased for good', () => {
    given(Customer, registered)
      .when((customer) => customer.erase())
      .thenEvents(happened(CustomerErased))
      .thenEnded()
  })
})
