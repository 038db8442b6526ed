import { describe, expect, test } from 'vitest'
import { nanos, nowhere, placeOf, placeText } from './place.ts'

describe('a place', () => {
  test('is text and comes back', () => {
    const place = { created: 1_795_389_232_390_247_841n, seq: 2 ** 53 - 1, time: 1_795_389_232_398_002_191n }
    const text = placeText(place)
    expect(placeOf(text)).toEqual(place)
    expect(text.length).toBeLessThan(45)
    expect(placeOf(placeText(nowhere))).toEqual(nowhere)
  })

  test.each(['', '-', '1-2', '1-2-3-4', '1-zzzzzzzzzzz-1', 'A-1-1', ' 1-1-1', '1-1-1\n', '주-1-1'])(
    '%j is none',
    (text) => {
      expect(placeOf(text)).toEqual(nowhere)
    },
  )
})

test.each([
  ['2026-11-22T23:13:52.390247841Z', 1_795_389_232_390_247_841n],
  ['2026-11-22T23:13:52.39Z', 1_795_389_232_390_000_000n],
  ['2026-11-22T23:13:52Z', 1_795_389_232_000_000_000n],
  ['2026-11-23T08:13:52.000000001+09:00', 1_795_389_232_000_000_001n],
  ['0001-01-01T00:00:00Z', -62_135_596_800_000_000_000n],
  ['yesterday', 0n],
])('nanoseconds of %s', (text, expected) => {
  expect(nanos(text)).toBe(expected)
})
