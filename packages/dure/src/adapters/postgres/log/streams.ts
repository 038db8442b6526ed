import type { JsonObject } from '../../../kernel/json.ts'
import type {
  EventMeta,
  StoredEvent,
  StreamHistory,
  StreamId,
  StreamRead,
} from '../../../ports/event-store.ts'
import type { Runner } from '../session.ts'
import { type Statement, statement } from '../statement.ts'

/**
 * What is read of an event, behind three columns that tell its stream. The time comes as milliseconds, because how a
 * timestamp is written depends on settings of the session.
 */
const eventColumns = `e.position, e.version, e.slice, e.type, e.schema, e.data, e.command, e.actor, e.correlation,
  e.causation, e.traceparent, date_part('epoch', e.at) * 1000`

type EventColumns = [
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
type LogRow = [
  tenant: string,
  aggregate: string,
  id: string,
  ...event: EventColumns,
  epoch: string,
  archived: string | null,
]
/** One row without event for a stream that has none above the version asked for. */
type StreamRow =
  | [version: string, ended: string, _: null, ...event: EventColumns]
  | [string, string, null, null]

type HistoryRow = readonly [version: string, ended: string, ...event: HistoryColumns | NoEvent]
type HistoryColumns = readonly [position: string, type: string, schema: string, data: string]
type NoEvent = readonly [null, null, null, null]
type Writable<T extends readonly unknown[]> = T[number][]

/** Reads events, by stream and by position. */
export class Streams {
  readonly #read: Statement<StreamRow>
  readonly #history: Statement<HistoryRow>
  readonly #page: Statement<LogRow>

  constructor(schema: string) {
    // The version stands in a subquery, so that no plan is thought cheaper for one version than for all: planning anew each
    // time, over the partitions of the log, cost twice what the read does.
    this.#read = statement(`
select s.version, s.ended, null, ${eventColumns}
from ${schema}.streams s left join ${schema}.events e
  on e.tenant = s.tenant and e.aggregate = s.aggregate and e.id = s.id and e.version > (select $4::int)
where s.tenant = $1 and s.aggregate = $2 and s.id = $3
order by e.version`)
    this.#history = statement(`
select s.version, s.ended, e.position, e.type, e.schema, e.data
from ${schema}.streams s left join ${schema}.events e
  on e.tenant = s.tenant and e.aggregate = s.aggregate and e.id = s.id and e.version > (select $4::int)
where s.tenant = $1 and s.aggregate = $2 and s.id = $3
order by e.version`)
    this.#page = statement(`
select e.tenant, e.aggregate, e.id, ${eventColumns}, (select max(number) from ${schema}.epochs),
  (select max(last) from ${schema}.archives)
from ${schema}.events e where e.position > $1 order by e.position limit $2`)
  }

  async read(runner: Runner, stream: StreamId, after: number): Promise<StreamRead> {
    const from = Math.min(after, MAX_VERSION)
    const rows = await runner.run(this.#read, [stream.tenant, stream.aggregate, stream.id, from])
    const [first] = rows
    if (first === undefined) return { version: 0, ended: false, events: [] }
    const of: StreamId = { tenant: stream.tenant, aggregate: stream.aggregate, id: stream.id }
    const events: StoredEvent[] = []
    for (const row of rows) if (row[3] !== null) events.push(toEvent(of, row))
    return { version: Number(first[0]), ended: first[1] === 't', events }
  }

  /** With six columns in place of fifteen: the driver's work for a row is by the column. */
  async history(runner: Runner, stream: StreamId, after: number): Promise<StreamHistory> {
    const from = Math.min(after, MAX_VERSION)
    return historyOf(await runner.run(this.#history, [stream.tenant, stream.aggregate, stream.id, from]))
  }

  /**
   * At most `limit` events with a position above `after`, by position; some between may still be on their way. With the
   * number of the epoch that the log was in when they were read and how far it was archived, if there are any.
   */
  async page(
    runner: Runner,
    after: number,
    limit: number,
  ): Promise<{
    readonly events: StoredEvent[]
    readonly epoch: number | undefined
    readonly archived: number
  }> {
    const rows = await runner.run(this.#page, [after, limit])
    const [first] = rows
    return {
      events: rows.map((row) => toEvent({ tenant: row[0], aggregate: row[1], id: row[2] }, row)),
      epoch: first && Number(first[15]),
      archived: Number(first?.[16] ?? 0),
    }
  }
}

/** What rows tell that begin with those of a history. */
function historyOf(rows: readonly (readonly [...HistoryRow, ...unknown[]])[]): StreamHistory {
  const [first] = rows
  if (first === undefined) return { version: 0, ended: false, events: [] }
  const events: Writable<StreamHistory['events']> = []
  for (const row of rows) {
    if (row[2] === null) continue
    events.push({
      position: Number(row[2]),
      type: row[3],
      schema: Number(row[4]),
      data: JSON.parse(row[5]) as JsonObject,
    })
  }
  return { version: Number(first[0]), ended: first[1] === 't', events }
}

const MAX_VERSION = 2 ** 31 - 1

/** On the path of every load: indexes, not patterns, which would copy the row. */
function toEvent(
  stream: StreamId,
  row: readonly [unknown, unknown, unknown, ...event: EventColumns, ...unknown[]],
): StoredEvent {
  return {
    position: Number(row[3]),
    stream,
    version: Number(row[4]),
    slice: Number(row[5]),
    type: row[6],
    schema: Number(row[7]),
    data: JSON.parse(row[8]) as JsonObject,
    meta: toMeta(row[9], row[10], row[11], row[12], row[13]),
    at: new Date(Math.round(Number(row[14]))),
  }
}

function toMeta(
  command: string,
  actor: string,
  correlation: string,
  causation: string | null,
  traceparent: string | null,
): EventMeta {
  if (causation === null && traceparent === null) return { command, actor, correlation }
  return {
    command,
    actor,
    correlation,
    ...(causation !== null && { causation }),
    ...(traceparent !== null && { traceparent }),
  }
}
