import { describe, expect, it } from 'vitest'
import { epochAt, isLost, sharedUpTo } from './lineage.ts'

/** A log that was restored twice, the second time to a place before the first. */
const log = {
  epoch: 'c',
  epochs: [
    { epoch: 'a', began: 0 },
    { epoch: 'b', began: 90 },
    { epoch: 'c', began: 60 },
  ],
}

describe('the lineage of a log', () => {
  it.each([
    ['c', Number.MAX_SAFE_INTEGER],
    ['b', 60],
    ['a', 60],
    ['x', undefined],
  ])('knows how much of %s is left', (epoch, shared) => {
    expect(sharedUpTo(log, epoch)).toBe(shared)
  })

  it.each([
    [1, 'a'],
    [60, 'a'],
    [61, 'c'],
    [500, 'c'],
  ])('knows in which epoch position %i was written', (position, epoch) => {
    expect(epochAt(log, position)).toBe(epoch)
  })

  it.each([
    ['c', 1000, false],
    ['b', 60, false],
    ['b', 61, true],
    ['a', 75, true],
    // Perhaps newer than what is known here: it may still come.
    ['x', 75, false],
  ])('knows whether %s/%i is lost', (epoch, position, lost) => {
    expect(isLost(log, { epoch, position })).toBe(lost)
  })
})
