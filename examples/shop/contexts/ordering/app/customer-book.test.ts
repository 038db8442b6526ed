import { Customers } from '@shop/customers/contract'
import { givenView, happened } from 'dure/testing'
import { test } from 'vitest'
import { CustomerBook } from './customer-book.ts'

const { CustomerRegistered, CustomerMoved, CustomerErased } = Customers.events
const seoul = { zipcode: '04524', addr1: 'Sejong-daero 110' }
const busan = { zipcode: '47545', addr1: 'Jungang-daero 1001' }

test('Ordering knows where customers live, until they are erased', () => {
  givenView(
    CustomerBook,
    happened(CustomerRegistered, { name: 'Lee Jun', address: seoul }, { id: 'lee' }),
    happened(CustomerRegistered, { name: 'Kim Bora', address: seoul }, { id: 'kim' }),
    happened(CustomerMoved, { address: busan }, { id: 'lee' }),
    happened(CustomerErased, {}, { id: 'kim' }),
  ).thenRows({ customer: 'lee', name: 'Lee Jun', address: busan })
})
