import type { JsonObject } from '../../../kernel/json.ts'
import type { StreamHistory, StreamId } from '../../../ports/event-store.ts'
import type { KeptAggregate } from '../../../ports/state-store.ts'
import type { Runner } from '../session.ts'
import { type Statement, statement } from '../statement.ts'

/** Reads a whole stream from what is kept of it; undefined where nothing can be. */
export interface HistoryReader {
  read(runner: Runner, stream: StreamId): Promise<StreamHistory> | undefined
  /** Where it can be told without reading all; see `StateStore.isCurrent`. */
  isCurrent?(runner: Runner, stream: StreamId, version: number): Promise<boolean>
}

/** The stream: no position, no type, its version, whether it has ended. Its snapshot: -1, no type, its version, the state. */
type Line = readonly [position: string | null, type: string | null, number: string, text: string]

const SNAPSHOT = '-1'

/**
 * From snapshots: `$4` the shape. Stream, snapshot and events stand one below the other, which is cheaper than to join them
 * and lets the driver read four columns; and the version of the snapshot is looked up in the index of the events, where a
 * join read all of them and dropped those below.
 */
export function snapshotHistory(s: string, { shape }: KeptAggregate): HistoryReader {
  const snapshot = `${s}.snapshots n where n.tenant = $1 and n.aggregate = $2 and n.id = $3 and n.shape = $4::text`
  const find: Statement<Line> = statement(`
select null::bigint, null::text, s.version, s.ended::text from ${s}.streams s
where s.tenant = $1 and s.aggregate = $2 and s.id = $3
union all
select ${SNAPSHOT}, null, n.version, n.state::text from ${snapshot}
union all
select e.position, e.type, e.schema, e.data::text from ${s}.events e
where e.tenant = $1 and e.aggregate = $2 and e.id = $3
  and e.version > coalesce((select n.version from ${snapshot}), 0)`)
  return {
    async read(runner, { tenant, aggregate, id }) {
      return historyOf(await runner.run(find, [tenant, aggregate, id, shape]))
    },
  }
}

function historyOf(lines: readonly Line[]): StreamHistory {
  let [version, ended] = [0, false]
  let baseline: { version: number; snapshot: JsonObject } | undefined
  const events: StreamHistory['events'][number][] = []
  let [sorted, last] = [true, -1]
  for (const [at, type, number, text] of lines) {
    if (at === null) [version, ended] = [Number(number), text === 'true']
    else if (type === null) baseline = { version: Number(number), snapshot: JSON.parse(text) as JsonObject }
    else {
      const position = Number(at)
      sorted &&= position > last
      last = position
      events.push({ position, type, schema: Number(number), data: JSON.parse(text) as JsonObject })
    }
  }
  // They come from one partition of the log after the other, which nobody promises.
  if (!sorted) events.sort((a, b) => a.position - b.position)
  return { version, ended, events, ...(baseline && { baseline }) }
}
