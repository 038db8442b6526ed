import type { EpochStart } from '../../../ports/event-store.ts'
import { quoted } from '../schema-name.ts'
import { channelOf, EPOCH_BEGUN } from '../wake/channel.ts'
import { type Observed, observeSql, type Queries, sameOrigin } from './observed.ts'

/** Positions in one partition of the log. Only for schemas that are new: each keeps the size it began with. */
const PARTITION_SIZE = 2 ** 24

// Only appends are waited for; one that takes longer has to be done first.
const LOCK_TIMEOUT_MS = 10_000

/** What is written of the epochs of a log. */
interface WrittenEpochs {
  /** Of the last. */
  readonly number: number
  readonly epochs: readonly EpochStart[]
}

type Written = Observed & { readonly number: number; readonly epochs: readonly EpochStart[] }

/** The epochs of one log as this process knows them, and what it remembers of the log. */
export class Lineage {
  readonly context: string
  readonly schema: string
  readonly #listeners = new Set<(start: EpochStart) => void>()
  #written: WrittenEpochs = { number: 0, epochs: [] }
  #highest = 0
  #renewing: Promise<void> | undefined

  constructor(context: string, schema: string) {
    this.context = context
    this.schema = schema
  }

  get epoch(): string {
    return this.#written.epochs.at(-1)?.epoch ?? ''
  }

  get epochs(): readonly EpochStart[] {
    return this.#written.epochs
  }

  get number(): number {
    return this.#written.number
  }

  /** The highest position that this process has seen committed in the present epoch. */
  get highest(): number {
    return this.#highest
  }

  /** Remembers a position that was seen committed in an epoch; of one that is over nothing is. */
  see(position: number, epoch: string): void {
    if (position > this.#highest && epoch === this.epoch) this.#highest = position
  }

  onEpoch(listener: (start: EpochStart) => void): () => void {
    const added = (start: EpochStart): void => listener(start)
    this.#listeners.add(added)
    return () => void this.#listeners.delete(added)
  }

  /** Whether a connection leads to the log that this process knows. `floor`: `highest` from before it was asked. */
  fits({ origin, began, epoch, last }: Observed, floor: number): boolean {
    return epoch === this.epoch && sameOrigin(origin, began) && last >= floor
  }

  /**
   * Brings what is written and what is known together, in a transaction of its own on a connection that is in none. One
   * at a time; who calls meanwhile has to look again afterwards. `anew` begins a new epoch in any case.
   */
  async renew(connection: Queries, floor: number, hidden: boolean, anew = false): Promise<void> {
    if (this.#renewing !== undefined) return this.#renewing.catch(() => undefined)
    this.#renewing = this.#renew(connection, floor, hidden, anew).finally(() => (this.#renewing = undefined))
    return this.#renewing
  }

  async #renew(connection: Queries, floor: number, hidden: boolean, anew: boolean): Promise<void> {
    await connection.once('begin isolation level read committed')
    let written: WrittenEpochs
    try {
      written = await this.#write(connection, hidden, floor, anew)
      await connection.once('commit')
    } catch (error) {
      await connection.once('rollback').catch(() => undefined)
      throw error
    }
    this.#adopt(written)
  }

  /**
   * Inside a transaction: begins the log if it has not begun, and a new epoch if the log is not where it was, or has lost
   * what this process remembers; of processes that notice at once, one does.
   */
  async #write(tx: Queries, hidden: boolean, floor: number, anew: boolean): Promise<WrittenEpochs> {
    const s = quoted(this.schema)
    await tx.once(`set local lock_timeout = ${LOCK_TIMEOUT_MS}; set local statement_timeout = 0`)
    await tx.once(`select 1 from ${s}.meta for update`)
    const written = await this.#read(tx, hidden)
    if (written === undefined) return this.#begin(tx, hidden)
    if (!anew && sameOrigin(written.origin, written.began) && !this.#isSetBack(written, floor)) return written
    // Nothing of the new epoch can be drawn before this is committed, and nothing of the old one is left to be.
    await tx.once(`lock table ${s}.events in share row exclusive mode`)
    await this.#writeLost(tx, written)
    await tx.once(
      `with begun as (
  insert into ${s}.epochs (number, epoch, began, at)
  select coalesce(max(number), 0) + 1, gen_random_uuid(),
    (select case when is_called then last_value else 0 end from ${s}.events_position), now() from ${s}.epochs
  returning epoch)
update ${s}.meta set epoch = begun.epoch::uuid, origin = $1 from begun`,
      [written.origin],
    )
    await tx.once('select pg_notify($1, $2)', [channelOf(this.schema), EPOCH_BEGUN])
    return (await this.#read(tx, hidden)) ?? written
  }

  /** Another process may have noticed before: then an epoch that is not known here begins below what is remembered. */
  #isSetBack({ last, epochs }: Written, floor: number): boolean {
    if (last >= floor) return false
    const known = new Set(this.epochs.map((it) => it.epoch))
    return !epochs.some((it) => it.began < floor && !known.has(it.epoch))
  }

  /** Epochs that began after the copy was made: watermarks of others may be of them, so they stay in the lineage. */
  async #writeLost(tx: Queries, { epochs }: Written): Promise<void> {
    const there = new Set(epochs.map((it) => it.epoch))
    const s = quoted(this.schema)
    for (const { epoch, began } of this.epochs) {
      if (there.has(epoch)) continue
      await tx.once(
        `insert into ${s}.epochs (number, epoch, began, at) select coalesce(max(number), 0) + 1, $1, $2, now() from ${s}.epochs`,
        [epoch, began],
      )
    }
  }

  async #begin(tx: Queries, hidden: boolean): Promise<WrittenEpochs> {
    const s = quoted(this.schema)
    await tx.once(
      `with begun as (
  insert into ${s}.meta (context, epoch, origin, partition_size) values ($1, gen_random_uuid(), '', $2)
  on conflict do nothing returning epoch)
insert into ${s}.epochs (number, epoch, began, at) select 1, epoch::text, 0, now() from begun`,
      [this.context, PARTITION_SIZE],
    )
    const { origin } = (await this.#read(tx, hidden)) as Written
    await tx.once(`update ${s}.meta set origin = $1 where origin = ''`, [origin])
    return (await this.#read(tx, hidden)) as Written
  }

  async #read(tx: Queries, hidden: boolean): Promise<Written | undefined> {
    const s = quoted(this.schema)
    const [row] = await tx.once<[string, string, string, string, string, string]>(`
select *, (select json_agg(json_build_array(e.epoch, e.began, e.number) order by e.number) from ${s}.epochs e)
from (${observeSql([this.schema], hidden)}) m`)
    if (row === undefined) return undefined
    const [, origin, last, epoch, began, list] = row
    const epochs = JSON.parse(list ?? '[]') as [string, number, number][]
    return {
      origin,
      last: Number(last),
      epoch,
      began,
      number: epochs.at(-1)?.[2] ?? 0,
      epochs: epochs.map((it) => Object.freeze({ epoch: it[0], began: it[1] })),
    }
  }

  #adopt(written: WrittenEpochs): void {
    const before = this.epoch
    this.#written = written
    const start = written.epochs.at(-1)
    if (start === undefined || start.epoch === before) return
    this.#highest = before === '' ? 0 : Math.min(this.#highest, start.began)
    if (before !== '') for (const listener of this.#listeners) queueMicrotask(() => listener(start))
  }
}
