import { describe, expect, it } from 'vitest'
import type { LogReader, StoredEvent } from '../../ports/event-store.ts'
import { settledMark } from './settled-mark.ts'

/** A log with events at these positions, settled up to a place after the last; counts how many readers it had. */
function logOf(positions: readonly number[], end = positions.at(-1) ?? 0) {
  const log = {
    opened: 0,
    openLog(after: number): LogReader {
      log.opened++
      let mark = after
      return {
        get mark() {
          return mark
        },
        async next(limit) {
          const found = positions.filter((it) => it > mark).slice(0, limit)
          mark = found.length < limit ? Math.max(mark, end) : (found.at(-1) ?? mark)
          return found.map((position) => ({ position }) as StoredEvent)
        },
      }
    },
  }
  return log
}

describe('the settled mark', () => {
  it.each([
    [[], 0, 0],
    [[1], 0, 1],
    [[1, 2, 3], 3, 3],
    [[1, 2, 3], 7, 7],
    [[5, 6, 900, 70_000], 0, 70_000],
    [Array.from({ length: 1000 }, (_, i) => 3 * i + 1), 10, 2998],
  ])('of a log is found from anywhere (%#)', async (positions, from, mark) => {
    expect(await settledMark(logOf(positions), from)).toBe(mark)
  })

  it('counts holes at the end, and takes few looks', async () => {
    const log = logOf(
      Array.from({ length: 20_000 }, (_, i) => 2 * i + 1),
      40_005,
    )
    expect(await settledMark(log, 0)).toBe(40_005)
    expect(log.opened).toBeLessThan(40)
  })
})
