import type { EventStore, LogReader, StoredEvent } from '../../ports/event-store.ts'

type Log = Pick<EventStore, 'openLog'>

/** A log that is written to all the time is not run after. */
const rounds = 3

/**
 * Up to where a log is settled, found without reading all of it: by ever larger steps from a position on, then by halves.
 * While transactions are open it may be one of the positions that they have drawn.
 */
export async function settledMark(log: Log, from: number): Promise<number> {
  let mark = from
  for (let round = 1; round <= rounds; round++) {
    const reader = log.openLog(await lastAfter(log, mark), 'skip')
    const events = await settled(reader, 1)
    mark = reader.mark
    // Else a transaction was open before a place that was looked at.
    if (events.length === 0) break
  }
  return mark
}

/** Reads what is settled; a hole at the end of a log takes a reader a second look. */
export async function settled(reader: LogReader, limit: number): Promise<readonly StoredEvent[]> {
  const events = await reader.next(limit)
  return events.length > 0 ? events : reader.next(limit)
}

/** The position of the last event; `from` where none comes after it. */
async function lastAfter(log: Log, from: number): Promise<number> {
  let last = from
  let step = 1
  for (let next = await eventFrom(log, last + step); next !== undefined; step *= 2) {
    last = next
    next = await eventFrom(log, last + step * 2)
  }
  for (let none = last + step; none - last > 1;) {
    const middle = last + Math.floor((none - last) / 2)
    const next = await eventFrom(log, middle)
    if (next === undefined) none = middle
    else last = next
  }
  return last
}

/** The first event at a position or after it. */
async function eventFrom(log: Log, position: number): Promise<number | undefined> {
  const [event] = await settled(log.openLog(position - 1, 'skip'), 1)
  return event?.position
}
