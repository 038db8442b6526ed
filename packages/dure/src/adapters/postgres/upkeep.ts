import { fault } from '../../kernel/errors/fault.ts'
import { week } from './commit/append-statements.ts'
import { lockSchema } from './migrate.ts'
import { quoted } from './schema-name.ts'
import type { Session, Transaction } from './session.ts'
import { isContention } from './store-error.ts'

interface State {
  readonly context: string
  readonly size: number
  /** Last position drawn. */
  readonly last: number
  /** Number of the newest partition of the log, -1 for none. */
  readonly newest: number
  /** The week of replies that is to be emptied, if it is time. */
  readonly stale: number | undefined
}

/** What one context needs now and then: partitions ahead of need, old replies dropped, a new epoch after a restore. */
export class Upkeep {
  readonly #session: Session
  readonly #context: string
  readonly #schema: string
  /** From this position on the next partition should be made. */
  #due = Number.POSITIVE_INFINITY
  #running: Promise<void> | undefined

  constructor(session: Session, context: string, schema: string) {
    this.#session = session
    this.#context = context
    this.#schema = schema
  }

  /** Called with positions as they are drawn, in order to be ahead of them; never waited for. */
  notice(position: number): void {
    // Whatever fails here fails again, and is told, when the partition is really missing.
    if (position >= this.#due) this.run().catch(() => undefined)
  }

  /** One run at a time; a call during a run gets that run. */
  run(): Promise<void> {
    this.#running ??= this.#run().finally(() => (this.#running = undefined))
    return this.#running
  }

  /** For what has just been seen to be missing: a run that began earlier may have looked too early. */
  async runAnew(): Promise<void> {
    await this.#running?.catch(() => undefined)
    await this.run()
  }

  async #run(): Promise<void> {
    // The log has begun after that, too.
    await this.#session.verify()
    const state = await this.#readState(this.#session)
    if (state === undefined) {
      const reason = `${this.#schema}.meta is empty`
      throw fault('DURE_STORE_CORRUPT', { store: this.#session.store, reason })
    }
    if (state.context !== this.#context) {
      const found = `the context ${state.context}`
      throw fault('DURE_STORE_SCHEMA_TAKEN', { schema: this.#schema, context: this.#context, found })
    }
    const newest = Math.floor(state.last / state.size) + 1
    if (state.newest < newest) await this.#addPartitions()
    this.#due = newest * state.size
    if (state.stale !== undefined) await this.#emptyReplies(state.stale)
  }

  async #readState(queries: Pick<Session, 'once'>): Promise<State | undefined> {
    const s = quoted(this.#schema)
    const next = week(`now() + interval '7 days'`)
    const [row] = await queries.once<[string, string, string, string, string | null]>(`
select m.context, m.partition_size,
  (select case when is_called then last_value else 0 end from ${s}.events_position),
  (select coalesce(max(substring(c.relname from '^events_([0-9]+)$')::bigint), -1)
    from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = '${s}.events'::regclass),
  (select week from ${s}.replies where week = ${next} and ${next} = ${week(`now() + interval '8 days'`)} limit 1)
from ${s}.meta m`)
    if (row === undefined) return undefined
    const [context, size, last, newest, stale] = row
    return {
      context,
      size: Number(size),
      last: Number(last),
      newest: Number(newest),
      stale: stale === null ? undefined : Number(stale),
    }
  }

  /** Made aside and then attached: that takes no lock that an append or a reader would wait for. */
  async #addPartitions(): Promise<void> {
    const s = quoted(this.#schema)
    await this.#session.transaction(async (tx: Transaction) => {
      await lockSchema(tx, this.#schema)
      const state = await this.#readState(tx)
      if (state === undefined) return
      for (let n = state.newest + 1; n <= Math.floor(state.last / state.size) + 1; n++) {
        await tx.once(`
create table ${s}.events_${n} (like ${s}.events including all) with (autovacuum_analyze_threshold = 1000);
alter table ${s}.events attach partition ${s}.events_${n}
  for values from (${n * state.size}) to (${(n + 1) * state.size})`)
      }
    })
  }

  /** Not worth waiting for: who holds the table's lock would hold up every command with a key behind this. */
  async #emptyReplies(stale: number): Promise<void> {
    try {
      await this.#session.transaction(async (tx: Transaction) => {
        await tx.once(`set local lock_timeout = '200ms'`)
        await tx.once(`truncate ${quoted(this.#schema)}.replies_${stale}`)
      })
    } catch (error) {
      if ((error as { code?: unknown }).code !== '55P03' && !isContention(error)) throw error
    }
  }
}
