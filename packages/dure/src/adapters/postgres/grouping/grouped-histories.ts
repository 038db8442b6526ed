import type { JsonObject } from '../../../kernel/json.ts'
import type { StreamHistory, StreamId } from '../../../ports/event-store.ts'
import { textArray } from '../commit/array-text.ts'
import type { Session } from '../session.ts'
import { type Statement, statement } from '../statement.ts'
import { isStatementRefused } from '../store-error.ts'
import { type Groupable, Grouping, type GroupWork } from './grouping.ts'

/** Groups that may be under way at once. */
const WIDTH = 1
/** More events than this are read alone, so that nobody waits for the long past of another. */
const FEW = 200

/** A whole stream to be read, with its snapshot if that has this shape. */
interface Read extends Groupable {
  readonly stream: StreamId
  readonly shape: string
}

/** Events are one JSON array of position, type, schema and data each; null if there are more than a few. */
type HistoryRow = [
  version: string | null,
  ended: string | null,
  snapshotVersion: string | null,
  snapshot: string | null,
  events: string | null,
]

type EventParts = readonly [position: number, type: string, schema: number, data: JsonObject]

const none = { version: 0, ended: false, events: [] }

/**
 * Reads whole streams from their snapshots: one alone while nothing else is being read, those that wait meanwhile in one
 * statement. A row per stream costs the driver a tenth of a row per event.
 */
export class GroupedHistories implements GroupWork<Read, StreamHistory> {
  readonly #session: Session
  readonly #one: (stream: StreamId) => Promise<StreamHistory>
  readonly #many: Statement<HistoryRow>
  readonly #grouping: Grouping<Read, StreamHistory> = new Grouping(this, WIDTH)

  /** `one` reads a single stream. */
  constructor(schema: string, session: Session, one: (stream: StreamId) => Promise<StreamHistory>) {
    this.#session = session
    this.#one = one
    this.#many = statement(manyText(schema))
  }

  read(stream: StreamId, shape: string): Promise<StreamHistory> {
    return this.#grouping.do({ stream, shape, keys: [], size: 0 })
  }

  alone({ stream }: Read): Promise<StreamHistory> {
    return this.#one(stream)
  }

  async together(items: readonly Read[]): Promise<readonly (StreamHistory | Promise<StreamHistory>)[]> {
    const rows = await this.#session.run(this.#many, [
      textArray(items.map((it) => it.stream.tenant)),
      textArray(items.map((it) => it.stream.aggregate)),
      textArray(items.map((it) => it.stream.id)),
      textArray(items.map((it) => it.shape)),
    ])
    return items.map(({ stream }, i) => historyOf(rows[i]) ?? this.#one(stream))
  }

  divides(error: unknown): boolean {
    return isStatementRefused(error)
  }
}

/** Undefined where there are more events than a few. */
function historyOf(row: HistoryRow | undefined): StreamHistory | undefined {
  if (row === undefined) return undefined
  const [version, ended, at, snapshot, texts] = row
  if (version === null) return none
  if (texts === null) return undefined
  const events = (JSON.parse(texts) as readonly EventParts[]).map(([position, type, schema, data]) => ({
    position,
    type,
    schema,
    data,
  }))
  const history = { version: Number(version), ended: ended === 't', events }
  if (at === null || snapshot === null) return history
  return { ...history, baseline: { version: Number(at), snapshot: JSON.parse(snapshot) as JsonObject } }
}

/**
 * `$1` to `$4` tenant, aggregate, id and shape, one element per stream; a row for each, in their order. Parameters and
 * tables stand in subqueries that the planner cannot join otherwise than by one look into the index for each stream.
 */
function manyText(s: string): string {
  const lists = [1, 2, 3, 4].map((n) => `(select $${n}::text[])`).join(', ')
  return `select s.version, s.ended, n.version, n.state,
  case when s.version - coalesce(n.version, 0) <= ${FEW} then (
    select '[' || coalesce(string_agg(
      '[' || e.position || ',' || to_json(e.type) || ',' || e.schema || ',' || e.data || ']', ',' order by e.version), '') || ']'
    from ${s}.events e where ${of('e')} and e.version > coalesce(n.version, 0)) end
from unnest(${lists}) with ordinality as a(tenant, aggregate, id, shape, index)
  left join lateral (select x.version, x.ended from ${s}.streams x where ${of('x')} limit 1) s on true
  left join lateral (
    select x.version, x.state from ${s}.snapshots x where ${of('x')} and x.shape = a.shape limit 1) n on true
order by a.index`
}

function of(it: string): string {
  return `${it}.tenant = a.tenant and ${it}.aggregate = a.aggregate and ${it}.id = a.id`
}
