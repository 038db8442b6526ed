import { expect, test } from 'vitest'
import { Address } from './address.ts'

test('an address is equal by value and has a postal code of five digits', () => {
  const seoul = { zipcode: '04524', addr1: 'Sejong-daero 110' }
  expect(new Address(seoul).equals(new Address(seoul))).toBe(true)
  expect(() => new Address({ ...seoul, zipcode: '4524' })).toThrow(
    expect.objectContaining({ code: 'DURE_VALUE_INVALID' }),
  )
})
