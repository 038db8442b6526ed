import type { JsonObject } from '../../kernel/json.ts'
import type { EventMeta, StoredEvent, StreamId, StreamRead } from '../../ports/event-store.ts'
import type { Runner } from './session.ts'
import { type Row, type Statement, statement } from './statement.ts'

/** An event as the server sends it; `eventColumns` in the same order. */
type EventRow = [
  position: string,
  version: string,
  slice: string,
  type: string,
  schema: string,
  data: string,
  command: string,
  actor: string,
  correlation: string,
  causation: string | null,
  traceparent: string | null,
  at: string,
]

/** The time as milliseconds, because how a timestamp is written depends on settings of the session. */
const eventColumns = (e: string): string =>
  ['position', 'version', 'slice', 'type', 'schema', 'data', 'command', 'actor', 'correlation', 'causation']
    .map((it) => `${e}.${it}`)
    .join(', ') + `, ${e}.traceparent, (extract(epoch from ${e}.at) * 1000)::bigint`

type StreamRow = [version: string, ended: string, ...event: EventRow | null[]]
type LogRow = [tenant: string, aggregate: string, id: string, ...event: EventRow]

/** Reads events, by stream and by position. */
export class Streams {
  readonly #read: Statement<StreamRow>
  readonly #page: Statement<LogRow>

  constructor(schema: string) {
    this.#read = statement(`
select s.version, s.ended, ${eventColumns('e')}
from ${schema}.streams s left join ${schema}.events e
  on e.tenant = s.tenant and e.aggregate = s.aggregate and e.id = s.id and e.version > $4::int
where s.tenant = $1 and s.aggregate = $2 and s.id = $3
order by e.version`)
    this.#page = statement(`
select e.tenant, e.aggregate, e.id, ${eventColumns('e')}
from ${schema}.events e where e.position > $1 order by e.position limit $2`)
  }

  async read(runner: Runner, stream: StreamId, after: number): Promise<StreamRead> {
    const from = Math.min(after, MAX_VERSION)
    const rows = await runner.run(this.#read, [stream.tenant, stream.aggregate, stream.id, from])
    const [first] = rows
    if (first === undefined) return { version: 0, ended: false, events: [] }
    const of: StreamId = { tenant: stream.tenant, aggregate: stream.aggregate, id: stream.id }
    const events: StoredEvent[] = []
    for (const [, , ...event] of rows) if (event[0] !== null) events.push(toEvent(of, event as EventRow))
    return { version: Number(first[0]), ended: first[1] === 't', events }
  }

  /** At most `limit` events with a position above `after`, by position; some between may still be on their way. */
  async page(runner: Runner, after: number, limit: number): Promise<StoredEvent[]> {
    const rows = await runner.run(this.#page, [after, limit])
    return rows.map(([tenant, aggregate, id, ...event]) => toEvent({ tenant, aggregate, id }, event))
  }
}

const MAX_VERSION = 2 ** 31 - 1

function toEvent(stream: StreamId, row: EventRow & Row): StoredEvent {
  const [
    position,
    version,
    slice,
    type,
    schema,
    data,
    command,
    actor,
    correlation,
    causation,
    traceparent,
    at,
  ] = row
  const meta: EventMeta = {
    command,
    actor,
    correlation,
    ...(causation !== null && { causation }),
    ...(traceparent !== null && { traceparent }),
  }
  return {
    position: Number(position),
    stream,
    version: Number(version),
    slice: Number(slice),
    type,
    schema: Number(schema),
    data: JSON.parse(data) as JsonObject,
    meta,
    at: new Date(Number(at)),
  }
}
