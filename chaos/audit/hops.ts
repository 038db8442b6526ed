import type { LoggedEvent, ParkedRow } from './read-logs.ts'
import type { Violation } from './violation.ts'

/** What one context did about the events of another: event for event, in order, aggregate by aggregate. */
export interface Hop {
  readonly check: 'packing' | 'booking'
  readonly source: string
  /** What is published of the source, in the order of its log. */
  readonly from: readonly LoggedEvent[]
  /** What came of it, in order, under the id of the source's aggregate. */
  readonly to: ReadonlyMap<string, readonly LoggedEvent[]>
  /** The note of a line that cannot be handled here. */
  readonly refused: string
  readonly consumer: string
  readonly parked: readonly ParkedRow[]
  /** Marks whose effects may be there although what they came of is not. */
  readonly mayBe: ReadonlySet<string>
  /** When the command of a mark was sent. */
  readonly sentAt: ReadonlyMap<string, number>
}

export function auditHop(hop: Hop): readonly Violation[] {
  const found: Violation[] = []
  const sources = Map.groupBy(hop.from, (it) => it.id)
  const toPark = new Map<number, LoggedEvent>()
  for (const [id, events] of sources) {
    const poison = events.findIndex((it) => it.data.note === hop.refused)
    const due = poison < 0 ? events : events.slice(0, poison)
    if (poison >= 0) for (const it of events.slice(poison)) toPark.set(it.position, it)
    const done = hop.to.get(id) ?? []
    found.push(...compare(hop, id, due, done))
  }
  for (const [id, done] of hop.to) if (!sources.has(id)) found.push(...compare(hop, id, [], done))
  return [...found, ...auditParked(hop, toPark)]
}

function compare(
  { check, mayBe, source, sentAt }: Hop,
  id: string,
  due: readonly LoggedEvent[],
  done: readonly LoggedEvent[],
): readonly Violation[] {
  const wanted = due.map((it) => it.data.mark)
  const known = new Set(wanted)
  const marks = done.map((it) => it.data.mark)
  const counted = marks.filter((it) => known.has(it) || !mayBe.has(it))
  if (counted.join() === wanted.join() && new Set(marks).size === marks.length) return []
  const times = Map.groupBy(marks, (it) => it)
  const missing = wanted.filter((it) => !times.has(it))
  const twice = [...times]
    .filter(([, some]) => some.length > 1)
    .map(([mark, some]) => `${mark} (${some.length})`)
  const strange = [...times.keys()].filter((it) => !known.has(it) && !mayBe.has(it))
  const parts = [
    missing.length > 0 ? `missing: ${list(missing)}` : '',
    twice.length > 0 ? `more than once: ${list(twice)}` : '',
    strange.length > 0 ? `came of nothing: ${list(strange)}` : '',
  ].filter((it) => it !== '')
  const problem =
    parts.length > 0 ? parts.join('; ') : `in another order: ${list(counted)} instead of ${list(wanted)}`
  const where = due.find((it) => missing.includes(it.data.mark))
  const at = where === undefined ? '' : ` (first missing: position ${where.position} of ${source})`
  const odd = missing[0] ?? [...times].find(([, some]) => some.length > 1)?.[0] ?? strange[0] ?? marks[0]
  return [{ check, what: `${id}: ${problem}${at}`, at: sentAt.get(odd ?? ''), about: [id] }]
}

function auditParked(hop: Hop, toPark: ReadonlyMap<number, LoggedEvent>): readonly Violation[] {
  const { consumer, source, parked } = hop
  const rows = parked.filter((it) => it.consumer === consumer && it.source === source)
  const there = new Set(rows.filter((it) => toPark.get(it.position)?.id === it.id).map((it) => it.position))
  const unexplained = parked
    .filter((it) => !(it.consumer === consumer && it.source === source && there.has(it.position)))
    .map((it): Violation => {
      const what = `${it.consumer} has parked position ${it.position} of ${it.source} (${it.id}, ${it.code}), for no reason that is known`
      return { check: 'parked', what, about: [it.id] }
    })
  const missing = [...toPark.values()]
    .filter((it) => !there.has(it.position))
    .map((it): Violation => {
      const what = `${consumer} has not parked position ${it.position} of ${source}, ${it.data.mark} of ${it.id}`
      return { check: 'parked', what, about: [it.id] }
    })
  return [...unexplained, ...missing]
}

function list(marks: readonly string[]): string {
  const shown = marks.slice(0, 12).join(' ')
  return marks.length > 12 ? `${shown} … (${marks.length})` : shown
}
