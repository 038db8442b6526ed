import { describe, expect, it } from 'vitest'
import type { LogReader, StoredEvent } from '../../ports/event-store.ts'
import { reachedBy } from './unmet.ts'

const at = new Date()

/** A log of events without holes; counts what was read of it. */
function logTo(last: number) {
  const log = {
    read: 0,
    openLog(after: number): LogReader {
      let mark = after
      return {
        get mark() {
          return mark
        },
        async next(limit) {
          const length = Math.max(0, Math.min(limit, last - mark))
          const events = Array.from({ length }, (_, i) => ({ position: mark + i + 1, at }) as StoredEvent)
          mark += length
          log.read += length
          return events
        },
      }
    },
  }
  return log
}

const of =
  (wanted: number) =>
  ({ position }: StoredEvent): boolean =>
    position === wanted

describe('what a follower has not met', () => {
  it('is the first event after its place that concerns it', async () => {
    const log = logTo(3500)
    const reached = await reachedBy(log, [
      { from: 0, isUnmet: of(2500) },
      { from: 2499, isUnmet: of(2500) },
      { from: 2500, isUnmet: of(2500) },
      { from: 3500, isUnmet: of(1) },
      { from: 10, isUnmet: () => true },
    ])
    const oldest = { position: 2500, at }
    expect(reached).toEqual([
      { through: 2499, oldest },
      { through: 2499, oldest },
      { through: 3500 },
      { through: 3500 },
      { through: 10, oldest: { position: 11, at } },
    ])
    expect(log.read).toBeLessThan(5000)
  })

  it('is looked for among 50,000 positions, and no more', async () => {
    const log = logTo(200_000)
    const [reached] = await reachedBy(log, [{ from: 5, isUnmet: of(120_000) }])
    expect(reached).toEqual({ through: 50_005 })
    expect(log.read).toBe(50_000)
  })
})
