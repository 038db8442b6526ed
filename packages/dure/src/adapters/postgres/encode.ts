import { sliceOf } from '../../kernel/slice.ts'
import type { Append, Commit, StoredReply } from '../../ports/event-store.ts'
import { jsonText } from '../../ports/storable.ts'

// Everything is turned into text before a connection is taken: what cannot be stored is refused with nothing begun.

/** `$1` to `$16` of the statements for one event. */
export function oneEventValues({ at, meta }: Commit, { stream, expected, events, ends }: Append): unknown[] {
  const [event] = events as [Append['events'][number]]
  return [
    stream.tenant,
    stream.aggregate,
    stream.id,
    expected,
    expected + 1,
    sliceOf(stream.id),
    ends,
    event.type,
    event.schema,
    jsonText('data of the event', event.data),
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
    append.events.map((event, i) => ({ ...event, index: index + 1, version: append.expected + i + 1 })),
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
    events.map((it) => jsonText('data of the event', it.data)),
    meta.command,
    meta.actor,
    meta.correlation,
    meta.causation,
    meta.traceparent,
    at.toISOString(),
  ]
}

export function replyValues(it: StoredReply): unknown[] {
  return [it.tenant, it.key, it.request, jsonText('reply', it.reply)]
}
