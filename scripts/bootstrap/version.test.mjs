import { describe, expect, it } from 'vitest'
import { atLeast, FLOOR_TO_RUN } from './version.mjs'

describe('atLeast', () => {
  it.each([
    ['22.18.0', true],
    ['v22.18.0', true],
    ['22.9.0', false],
    ['22.17.9', false],
    ['24.0.0', true],
    ['20.20.2', false],
    ['100.0.0', true],
    ['23.0.0-nightly', true],
  ])('%s against the floor is %s', (version, expected) => {
    expect(atLeast(version, FLOOR_TO_RUN)).toBe(expected)
  })
})
