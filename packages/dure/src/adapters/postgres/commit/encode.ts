import { sliceOf } from '../../../kernel/slice.ts'
import type { Append, Commit, StoredReply } from '../../../ports/event-store.ts'
import { jsonText } from '../../../ports/storable.ts'

// Everything is turned into text before a connection is taken: what cannot be stored is refused with nothing begun.

const DATA = 'data of the event'

/** The data of the events of an append, as text. */
export function dataTexts({ events }: Append): string[] {
  return events.map((it) => jsonText(DATA, it.data))
}

/** `$1` to `$16` of the statements for one stream; lists of what differs between events if there are several. */
export function appendValues(unit: Commit, append: Append, data = dataTexts(append)): unknown[] {
  const { at, meta } = unit
  const { stream, expected, events, ends } = append
  const [first] = events
  const one = events.length === 1 && first !== undefined
  return [
    stream.tenant,
    stream.aggregate,
    stream.id,
    expected,
    expected + events.length,
    sliceOf(stream.id),
    ends,
    one ? first.type : events.map((it) => it.type),
    one ? first.schema : events.map((it) => it.schema),
    one ? data[0] : data,
    meta.command,
    meta.actor,
    meta.correlation,
    meta.causation,
    meta.traceparent,
    at.toISOString(),
  ]
}

/** `$1` to `$18` of the statement for many. */
export function manyEventsValues({ at, meta, appends }: Commit): unknown[] {
  const events = appends.flatMap((append, index) =>
    append.events.map((event, i) => ({
      ...event,
      index: index + 1,
      version: append.expected + i + 1,
      by: event.meta ?? meta,
    })),
  )
  return [
    appends.map((it) => it.stream.tenant),
    appends.map((it) => it.stream.aggregate),
    appends.map((it) => it.stream.id),
    appends.map((it) => it.expected),
    appends.map((it) => it.expected + it.events.length),
    appends.map((it) => sliceOf(it.stream.id)),
    appends.map((it) => it.ends),
    events.map((it) => it.index),
    events.map((it) => it.version),
    events.map((it) => it.type),
    events.map((it) => it.schema),
    events.map((it) => jsonText(DATA, it.data)),
    events.map(({ by }) => by.command),
    events.map(({ by }) => by.actor),
    events.map(({ by }) => by.correlation),
    events.map(({ by }) => by.causation),
    events.map(({ by }) => by.traceparent),
    at.toISOString(),
  ]
}

export function replyValues(it: StoredReply): [tenant: string, key: string, request: string, reply: string] {
  return [it.tenant, it.key, it.request, jsonText('reply', it.reply)]
}
