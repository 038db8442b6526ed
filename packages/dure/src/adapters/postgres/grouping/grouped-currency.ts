import type { StreamId } from '../../../ports/event-store.ts'
import { plainArray, textArray } from '../commit/array-text.ts'
import type { Session } from '../session.ts'
import type { KeptState } from '../state/kept-state.ts'
import type { KeptTables } from '../state/kept-tables.ts'
import { StatementCache } from '../state/statement-cache.ts'
import { isStatementRefused } from '../store-error.ts'
import { type Groupable, Grouping, type GroupWork } from './grouping.ts'

/** Groups of one aggregate that may be under way at once. */
const WIDTH = 1

/** Whether the rows of a stream are as the commit of a version left them. */
interface Look extends Groupable {
  readonly stream: StreamId
  readonly version: number
  readonly tables: KeptTables
}

/**
 * Looks whether rows are current: at one alone while no other of its aggregate is being looked at, at those that wait
 * meanwhile in one statement.
 */
export class GroupedCurrency implements GroupWork<Look, boolean> {
  readonly #schema: string
  readonly #session: Session
  readonly #state: KeptState
  readonly #statements = new StatementCache<[index: string]>()
  readonly #groupings = new Map<string, Grouping<Look, boolean>>()

  constructor(schema: string, session: Session, state: KeptState) {
    this.#schema = schema
    this.#session = session
    this.#state = state
  }

  isCurrent(stream: StreamId, version: number): Promise<boolean> {
    const { aggregate } = stream
    const tables = this.#state.tables.get(aggregate)
    // Of other tables nothing is known without reading them.
    if (tables?.derived !== true) return this.#state.isCurrent(this.#session, stream, version)
    let grouping = this.#groupings.get(aggregate)
    if (grouping === undefined) this.#groupings.set(aggregate, (grouping = new Grouping(this, WIDTH)))
    return grouping.do({ stream, version, tables, keys: [], size: 0 })
  }

  alone({ stream, version }: Look): Promise<boolean> {
    return this.#state.isCurrent(this.#session, stream, version)
  }

  async together(items: readonly Look[]): Promise<readonly boolean[]> {
    const [first] = items
    if (first === undefined) return []
    const { tables } = first
    const run = this.#statements.get(tables.aggregate, () => currentSql(this.#schema, tables))
    const rows = await this.#session.run(run, [
      textArray(items.map((it) => it.stream.tenant)),
      tables.aggregate,
      textArray(items.map((it) => it.stream.id)),
      plainArray(items.map((it) => it.version)),
      tables.shape,
    ])
    const current = new Set(rows.map(([index]) => Number(index)))
    return items.map((_, i) => current.has(i + 1))
  }

  divides(error: unknown): boolean {
    return isStatementRefused(error)
  }
}

/**
 * `$1`, `$3` and `$4` tenant, id and version, one element per stream, `$2` the aggregate, `$5` the shape; the numbers of those
 * that are current. What makes a row current is told at the statement for one. Each is looked for in a subquery, which the
 * planner can only carry out by one look into each index.
 */
function currentSql(s: string, { root }: KeptTables): string {
  const lists = ['$1::text[]', '$3::text[]', '$4::int[]'].map((it) => `(select ${it})`).join(', ')
  const { tenant, id } = root
  const ofTenant = tenant === undefined ? '' : `c.${tenant.sql} = a.tenant::${tenant.codec.sqlType} and `
  return `select a.index from unnest(${lists}) with ordinality as a(tenant, id, version, index)
where (
  select true from ${s}.streams s, ${root.sql} c
  where s.tenant = a.tenant and s.aggregate = $2 and s.id = a.id and s.version = a.version and not s.ended
    and ${ofTenant}c.${id.sql} = a.id::${id.codec.sqlType}
    and c.${root.version} = a.version and c.${root.shape} = $5::text and c.xmin = s.xmin
  limit 1)`
}
