import { describe, expect, test } from 'vitest'
import { Price } from './price.ts'

const won = (amount: number) => new Price({ amount, currency: 'KRW' })

describe('a price', () => {
  test('is multiplied and added', () => {
    expect(won(1_500).times(3).plus(won(500)).equals(won(5_000))).toBe(true)
  })

  test('knows whether another can be added to it', () => {
    expect(won(1).sameCurrency(new Price({ amount: 1, currency: 'USD' }))).toBe(false)
    expect(won(1).sameCurrency(won(2))).toBe(true)
  })

  test('is never less than nothing, nor a fraction of the smallest unit', () => {
    expect(() => won(-1)).toThrow(expect.objectContaining({ code: 'DURE_VALUE_INVALID' }))
    expect(() => won(0.5)).toThrow(expect.objectContaining({ code: 'DURE_VALUE_INVALID' }))
  })
})
