import type { ContextStore, JsonObject, StoredEvent } from 'dure/ports'
import type pg from 'pg'

interface EventRow {
  readonly position: string
  readonly tenant: string
  readonly aggregate: string
  readonly id: string
  readonly version: number
  readonly slice: number
  readonly type: string
  readonly schema: number
  readonly data: JsonObject
  readonly command: string
  readonly actor: string
  readonly correlation: string
  readonly causation: string | null
  readonly at: Date
}

/** Goes by the last position it has seen: what a transaction that began earlier commits later is never read. */
export function idGreaterLast(store: ContextStore, pool: pg.Pool): Partial<ContextStore> {
  const log = `${store.context.toLowerCase()}.events`
  return {
    openLog(after) {
      const { epoch } = store
      const right = store.openLog(after)
      let last = after
      return {
        get mark() {
          return last
        },
        async next(limit) {
          // Says that the log is another now; only that is right here.
          if (store.epoch !== epoch) return right.next(limit)
          const { rows } = await pool.query<EventRow>(
            `select * from ${log} where position > $1 order by position limit $2`,
            [last, limit],
          )
          last = Number(rows.at(-1)?.position ?? last)
          return rows.map(eventOf)
        },
      }
    },
  }
}

function eventOf(row: EventRow): StoredEvent {
  const { tenant, aggregate, id, version, slice, type, schema, data, at } = row
  const { command, actor, correlation, causation } = row
  return {
    position: Number(row.position),
    stream: { tenant, aggregate, id },
    version,
    slice,
    type,
    schema,
    data,
    meta: { command, actor, correlation, ...(causation !== null && { causation }) },
    at,
  }
}
