import { fault } from '../../../kernel/errors/fault.ts'
import type { Append, Commit, CommitOutcome, StreamHistory, StreamId } from '../../../ports/event-store.ts'
import type { KeptAggregate, StateChange, StateRows } from '../../../ports/state-store.ts'
import type { Runner, Transaction } from '../session.ts'
import type { Streams } from '../log/streams.ts'
import { AppendWithState } from './append-with-state.ts'
import { claimants, claimMoves, Claims, type OfStreams, takenTwice } from './claims.ts'
import { type KeptTables, tablesOf } from './kept-tables.ts'
import { formKey, rowCondition, rowForm, rowParts } from './row-statements.ts'
import { rowValues } from './row-values.ts'
import { refusalOf, whileStored } from './state-error.ts'
import { type HistoryReader, snapshotHistory } from './state-history.ts'
import { binding, StatementCache } from './statement-cache.ts'
import { tableHistory } from './table-history.ts'
import { UnkeptRows } from './unkept-rows.ts'

/** What a claim or a row has refused. */
export type StateRefusal = Extract<CommitOutcome, { readonly reason: 'unique' | 'row' }>

const MAX_TRIES = 5

function takesOf({ stream, claims }: Append): OfStreams {
  return [{ stream, claims: claims?.take ?? [] }]
}

function whileAppended<T>({ stream, state }: Append, work: () => Promise<T>): Promise<T> {
  return state === undefined ? work() : whileStored(stream, work)
}

/** Rows and claims beside the events of one context. */
export class KeptState {
  readonly claims: Claims
  readonly tables: ReadonlyMap<string, KeptTables>
  readonly #append: AppendWithState
  readonly #histories = new Map<string, HistoryReader>()
  readonly #unkept = new Map<string, UnkeptRows>()
  readonly #rows = new StatementCache<[one: string]>()

  constructor(
    s: string,
    kept: readonly KeptAggregate[],
    tables: ReadonlyMap<string, KeptTables>,
    streams: Streams,
  ) {
    this.claims = new Claims(s)
    this.tables = tables
    this.#append = new AppendWithState(s, this.claims, tables)
    for (const it of tables.values()) {
      if (!it.derived) this.#unkept.set(it.aggregate, new UnkeptRows(it))
    }
    for (const it of kept) {
      const found = tables.get(it.aggregate)
      this.#histories.set(it.aggregate, found ? tableHistory(s, found, streams) : snapshotHistory(s, it))
    }
  }

  /** The whole stream from what is kept of it; undefined where nothing is, or can be. */
  history(runner: Runner, stream: StreamId): Promise<StreamHistory> | undefined {
    return this.#histories.get(stream.aggregate)?.read(runner, stream)
  }

  /** Whether the rows of an aggregate are as the commit of a version left them. */
  async isCurrent(runner: Runner, stream: StreamId, version: number): Promise<boolean> {
    return this.#histories.get(stream.aggregate)?.isCurrent?.(runner, stream, version) ?? false
  }

  /** The rows of an aggregate that show no version; in tables of Dure's own there are none. */
  async unkept(
    runner: Runner,
    aggregate: string,
    after: StreamId | undefined,
    limit: number,
  ): Promise<readonly { readonly stream: StreamId; readonly rows: StateRows }[]> {
    return this.#unkept.get(aggregate)?.next(runner, after, limit) ?? []
  }

  /** The last position of an append in one statement, undefined if it lost; or what refused it. */
  async append(runner: Runner, unit: Commit, it: Append): Promise<number | undefined | StateRefusal> {
    const { run, values } = this.#append.prepare(unit, it, 'fail')
    for (let tries = 1; ; tries++) {
      try {
        const [row] = await whileAppended(it, () => runner.run(run, values))
        return row && Number(row[0])
      } catch (error) {
        const reason = refusalOf(error)
        if (reason === undefined) throw error
        if (reason === 'row') return { ok: false, reason, stream: it.stream }
        const takes = takesOf(it)
        const held = await this.claims.findHeld(runner, takes)
        // If nobody holds it any more, the next try may get it.
        if (held !== undefined || tries >= MAX_TRIES) return this.#refused(runner, takes)
      }
    }
  }

  /** The same in a transaction, which is to be rolled back unless there is a position. */
  async appendWithin(tx: Transaction, unit: Commit, it: Append): Promise<number | undefined | StateRefusal> {
    const { run, values } = this.#append.prepare(unit, it, 'tell')
    const [row] = await whileAppended(it, () => tx.run(run, values))
    if (row === undefined) return undefined
    const [position, unique, seen] = row
    if (unique === 'f') return this.#refused(tx, takesOf(it))
    return seen === 't' ? Number(position) : { ok: false, reason: 'row', stream: it.stream }
  }

  /** Rows and claims of appends whose events are written; if one is refused, the transaction is to be rolled back. */
  async writeAll(tx: Transaction, appends: readonly Append[]): Promise<StateRefusal | undefined> {
    const moves = appends.flatMap(({ stream, claims }) => (claims ? [{ stream, ...claimMoves(claims) }] : []))
    const drops = moves.map(({ stream, drop }) => ({ stream, claims: drop }))
    const takes = moves.map(({ stream, take }) => ({ stream, claims: take }))
    const twice = takenTwice(takes)
    if (twice !== undefined) return { ok: false, reason: 'unique', ...twice }
    await this.claims.drop(tx, drops)
    if (!(await this.claims.take(tx, takes))) return this.#refused(tx, takes)
    for (const { stream, expected, events, state } of appends) {
      if (state === undefined) continue
      const written = await this.#writeRows(tx, stream, expected + events.length, state)
      if (!written) return { ok: false, reason: 'row', stream }
    }
    return undefined
  }

  async #writeRows(tx: Transaction, stream: StreamId, version: number, state: StateChange): Promise<boolean> {
    const tables = tablesOf(this.tables, stream)
    const form = rowForm(state)
    const { tenant, aggregate, id } = stream
    const values = [tenant, aggregate, id, null, version, ...rowValues(tables, stream, form, state)]
    const write = this.#rows.get(`${aggregate} ${formKey(form)}`, () => {
      const parts = rowParts(tables, form, binding(6))
      // All that the other statements use too, so that every parameter has a type.
      const won = 'won as (select $1::text, $2::text, $3::text, $4::text, $5::int)'
      return `with ${[won, ...parts].join(',\n')}\nselect 1 where ${rowCondition(tables, form)}`
    })
    return whileStored(stream, async () => (await tx.run(write, values)).length > 0)
  }

  /** In a race the one that held it may have given it up since. */
  async #refused(runner: Runner, takes: OfStreams): Promise<StateRefusal> {
    const held = (await this.claims.findHeld(runner, takes)) ?? claimants(takes)[0]
    if (held === undefined) throw fault('DURE_COMMIT_INVALID', { reason: 'no claim was refused' })
    return { ok: false, reason: 'unique', stream: held.stream, claim: held.claim }
  }
}
