import { fault } from '../../kernel/errors/fault.ts'
import { week } from './append-statements.ts'
import { lockSchema } from './migrate.ts'
import { quoted } from './schema-name.ts'
import type { Session, Transaction } from './session.ts'
import { isContention } from './store-error.ts'

/** Positions in one partition of the log. Only for schemas that are new: each keeps the size it began with. */
const PARTITION_SIZE = 2 ** 24

interface State {
  readonly context: string
  readonly epoch: string
  readonly origin: string
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
  #epoch = ''
  /** From this position on the next partition should be made. */
  #due = Number.POSITIVE_INFINITY
  #running: Promise<void> | undefined

  constructor(session: Session, context: string, schema: string) {
    this.#session = session
    this.#context = context
    this.#schema = schema
  }

  get epoch(): string {
    return this.#epoch
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
    const origin = await this.#readOrigin()
    const state = (await this.#readState(this.#session)) ?? (await this.#begin(origin))
    if (state.context !== this.#context) {
      const found = `the context ${state.context}`
      throw fault('DURE_STORE_SCHEMA_TAKEN', { schema: this.#schema, context: this.#context, found })
    }
    const newest = Math.floor(state.last / state.size) + 1
    if (state.newest < newest) await this.#addPartitions()
    this.#due = newest * state.size
    if (state.stale !== undefined) await this.#emptyReplies(state.stale)
    this.#epoch = origin === state.origin ? state.epoch : await this.#newEpoch(origin)
  }

  async #readState(queries: Pick<Session, 'once'>): Promise<State | undefined> {
    const s = quoted(this.#schema)
    const next = week(`now() + interval '7 days'`)
    const [row] = await queries.once<[string, string, string, string, string, string, string | null]>(`
select m.context, m.epoch, m.origin, m.partition_size,
  (select case when is_called then last_value else 0 end from ${s}.events_position),
  (select coalesce(max(substring(c.relname from '^events_([0-9]+)$')::bigint), -1)
    from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = '${s}.events'::regclass),
  (select week from ${s}.replies where week = ${next} and ${next} = ${week(`now() + interval '8 days'`)} limit 1)
from ${s}.meta m`)
    if (row === undefined) return undefined
    const [context, epoch, origin, size, last, newest, stale] = row
    return {
      context,
      epoch,
      origin,
      size: Number(size),
      last: Number(last),
      newest: Number(newest),
      stale: stale === null ? undefined : Number(stale),
    }
  }

  async #begin(origin: string): Promise<State> {
    await this.#session.once(
      `insert into ${quoted(this.#schema)}.meta (context, epoch, origin, partition_size)
values ($1, gen_random_uuid(), $2, $3) on conflict do nothing`,
      [this.#context, origin, PARTITION_SIZE],
    )
    const state = await this.#readState(this.#session)
    if (state !== undefined) return state
    throw fault('DURE_STORE_CORRUPT', { store: this.#session.store, reason: `${this.#schema}.meta is empty` })
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

  /**
   * What changes when positions may have been reused: the cluster and its timeline (a fail-over or a recovery to a point
   * in time begins a new one), the database and the table itself (a dump restored makes new ones). A copy of a data
   * folder put back by hand is not noticed.
   */
  async #readOrigin(): Promise<string> {
    const place = `(select oid from pg_database where datname = current_database()) || '/' ||
  '${quoted(this.#schema)}.events'::regclass::oid`
    const cluster = `(select system_identifier from pg_control_system()) || '/' ||
  left(pg_walfile_name(pg_current_wal_insert_lsn()), 8)`
    try {
      const [row] = await this.#session.once<[string]>(`select ${cluster} || '/' || ${place}`)
      return row?.[0] ?? ''
    } catch (error) {
      // Some hosted servers keep these functions to themselves: there only a restored dump is noticed.
      if (!['42501', '0A000', '42883'].includes(String((error as { code?: unknown }).code))) throw error
      const [row] = await this.#session.once<[string]>(`select 'hidden/' || ${place}`)
      return row?.[0] ?? ''
    }
  }

  /** Of processes that notice at once one makes the new epoch, and the others read it. */
  async #newEpoch(origin: string): Promise<string> {
    const s = quoted(this.#schema)
    await this.#session.once(
      `update ${s}.meta set epoch = gen_random_uuid(), origin = $1 where origin <> $1`,
      [origin],
    )
    const [row] = await this.#session.once<[string]>(`select epoch from ${s}.meta`)
    return row?.[0] ?? ''
  }
}
