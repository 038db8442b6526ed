import { fault } from '../../kernel/errors/fault.ts'
import type { JsonObject } from '../../kernel/json.ts'
import type { ArchivedLog } from '../../ports/archive.ts'
import type {
  Commit,
  CommitOutcome,
  EpochStart,
  LogReader,
  StoredReply,
  StreamHistory,
  StreamId,
  StreamRead,
} from '../../ports/event-store.ts'
import type { EpochAdoption, InboxState } from '../../ports/inbox.ts'
import type { HeldLease, NamedLease } from '../../ports/leases.ts'
import type {
  ParkedFilter,
  ParkedPlace,
  ParkedRecord,
  ParkedSequence,
  ParkedTry,
} from '../../ports/parking.ts'
import type {
  Claim,
  KeptAggregate,
  Snapshot,
  StateChange,
  StateRows,
  StreamStanding,
} from '../../ports/state-store.ts'
import { checkAdoption, checkCommit, checkName, checkRowQuery, checkStream } from '../../ports/storable.ts'
import { checkLease } from '../../ports/storable/lease.ts'
import { checkClaims, checkSnapshot, checkStateChange } from '../../ports/storable/state.ts'
import type { ContextStore } from '../../ports/store.ts'
import type { JoinedStore, SqlTransaction, Transacting } from '../../ports/transact.ts'
import type { RowQuery } from '../../ports/view-store.ts'
import { Committer } from './commit/committer.ts'
import { GroupedReads } from './grouping/grouped-reads.ts'
import type { Lineage } from './epochs/lineage.ts'
import { InboxTable } from './inbox/inbox-table.ts'
import { LeaseTable } from './lease-table.ts'
import { PostgresLog, probeStatement } from './log/postgres-log.ts'
import { Replies } from './commit/replies.ts'
import { quoted } from './schema-name.ts'
import type { Runner, Session, Transaction } from './session.ts'
import { KeptState } from './state/kept-state.ts'
import { type KeptTables, tablesOf } from './state/kept-tables.ts'
import { StateKeeper } from './state/state-keeper.ts'
import { listStreams } from './state/stream-listing.ts'
import { type Row, type Statement, statement } from './statement.ts'
import { isMissingPartition, storeError } from './store-error.ts'
import { Streams } from './log/streams.ts'
import { JoinedTransaction, type Joinable } from './transact/joined-transaction.ts'
import { joinClient, onceBegun, sqlOf } from './transact/sql-client.ts'
import type { Upkeep } from './upkeep.ts'
import { ViewTable } from './view-table.ts'
import { CommitNotices } from './wake/commit-notices.ts'
import type { WakeLine } from './wake/wake-line.ts'

/** What a context is opened with. */
export interface ContextParts {
  readonly context: string
  readonly schema: string
  readonly session: Session
  readonly upkeep: Upkeep
  readonly lineage: Lineage
  /** To and from other processes, where they wake each other. */
  readonly wake: WakeLine | undefined
  readonly kept: readonly KeptAggregate[]
  /** The tables of those that have some, by the names of their aggregates. */
  readonly tables: ReadonlyMap<string, KeptTables>
  readonly onClose: () => unknown
}

/** The store of one context: a schema of its own. */
export class PostgresContext implements ContextStore, Transacting, ArchivedLog {
  readonly context: string
  readonly #session: Session
  readonly #upkeep: Upkeep
  readonly #lineage: Lineage
  readonly #notices: CommitNotices
  readonly #onClose: () => unknown
  readonly #streams: Streams
  readonly #replies: Replies
  readonly #inbox: InboxTable
  readonly #views: ViewTable
  readonly #leases: LeaseTable
  readonly #kept: ReadonlyMap<string, KeptAggregate>
  readonly #schema: string
  readonly #state: KeptState
  readonly #keeper: StateKeeper
  readonly #committer: Committer
  readonly #reads: GroupedReads
  readonly #probe: ReturnType<typeof probeStatement>
  readonly #archivedTo: Statement<[last: string]>
  #closed = false

  constructor(parts: ContextParts) {
    const { context, schema, session, upkeep, kept, tables, onClose } = parts
    this.context = context
    this.#session = session
    this.#upkeep = upkeep
    this.#lineage = parts.lineage
    this.#notices = new CommitNotices(session, schema, parts.wake)
    this.#onClose = onClose
    const s = (this.#schema = quoted(schema))
    this.#streams = new Streams(s)
    this.#replies = new Replies(s)
    this.#inbox = new InboxTable(s)
    this.#views = new ViewTable(s)
    this.#leases = new LeaseTable(s)
    this.#kept = new Map(kept.map((it) => [it.aggregate, it]))
    this.#state = new KeptState(s, kept, tables, this.#streams)
    this.#keeper = new StateKeeper(s, this.#state.claims)
    const also = { replies: this.#replies, inbox: this.#inbox, views: this.#views, state: this.#state }
    this.#committer = new Committer(s, session, also)
    const one = (stream: StreamId): Promise<StreamHistory> => this.#history(session, stream, 0)
    this.#reads = new GroupedReads(s, session, this.#state, kept, one)
    this.#probe = probeStatement(s)
    this.#archivedTo = statement(`select coalesce(max(last), 0) from ${s}.archives`)
  }

  get epoch(): string {
    return this.#lineage.epoch
  }

  get epochs(): readonly EpochStart[] {
    return this.#lineage.epochs
  }

  onEpoch(listener: (start: EpochStart) => void): () => void {
    return this.#lineage.onEpoch(listener)
  }

  readStream(stream: StreamId, after = 0): Promise<StreamRead> {
    return this.#do(() => {
      checkStream(stream)
      return this.#streams.read(this.#session, stream, after)
    })
  }

  readHistory(stream: StreamId, after = 0): Promise<StreamHistory> {
    return this.#do(() => {
      checkStream(stream)
      return after === 0 ? this.#reads.history(stream) : this.#history(this.#session, stream, after)
    })
  }

  async commit(unit: Commit): Promise<CommitOutcome> {
    const { epoch } = this
    this.#checkOpen()
    let outcome: CommitOutcome
    try {
      checkCommit(unit, this.#kept)
      outcome = await this.#committer.commit(unit)
    } catch (error) {
      outcome = await this.#do(() => this.#commitAnew(unit, error))
    }
    if (outcome.ok) this.#tell(outcome.positions, epoch)
    return outcome
  }

  findReply(tenant: string, key: string): Promise<StoredReply | undefined> {
    return this.#do(() => {
      checkName('tenant', tenant)
      checkName('idempotency key', key)
      return this.#replies.find(this.#session, tenant, key)
    })
  }

  async archivedTo(): Promise<number> {
    const [row] = await this.#do(() => this.#session.run(this.#archivedTo, []))
    return Number(row?.[0] ?? 0)
  }

  openLog(after: number, archived: 'refuse' | 'skip' = 'refuse'): LogReader {
    const runner: Runner = {
      run: <R extends Row>(it: Statement<R>, values: unknown[]) =>
        this.#do(() => this.#session.run(it, values)),
    }
    const verify = (): Promise<void> => this.#do(() => this.#session.verify())
    const place = { store: this.#session.store, lineage: this.#lineage, archived, verify }
    return new PostgresLog(runner, this.#streams, this.#probe, place, after)
  }

  onCommit(listener: () => void): () => void {
    return this.#notices.listen(listener)
  }

  takeLease(name: string, holder: string, forMs: number): Promise<number | undefined> {
    return this.#do(() => {
      checkLease(name, holder, forMs)
      return this.#leases.take(this.#session, name, holder, forMs)
    })
  }

  dropLease(name: string, holder: string): Promise<void> {
    return this.#do(() => {
      checkName('name of the lease', name)
      checkName('holder of the lease', holder)
      return this.#leases.drop(this.#session, name, holder)
    })
  }

  readLease(name: string): Promise<HeldLease | undefined> {
    return this.#do(() => {
      checkName('name of the lease', name)
      return this.#leases.read(this.#session, name)
    })
  }

  readLeases(prefix: string): Promise<readonly NamedLease[]> {
    return this.#do(() => {
      return this.#leases.readAll(this.#session, prefix)
    })
  }

  readInbox(consumer: string, source: string): Promise<InboxState> {
    return this.#do(() => {
      checkName('name of the consumer', consumer)
      checkName('name of the source', source)
      return this.#inbox.read(this.#session, consumer, source)
    })
  }

  adoptEpoch(adoption: EpochAdoption): Promise<readonly ParkedRecord[] | undefined> {
    return this.#do(() => {
      checkAdoption(adoption)
      return this.#session.transaction((tx) => this.#inbox.adopt(tx, adoption))
    })
  }

  readParked(filter: ParkedFilter = {}, limit?: number): Promise<readonly ParkedRecord[]> {
    return this.#do(() => this.#inbox.parked.read(this.#session, filter, limit))
  }

  readParkedSequences(filter: ParkedFilter = {}): Promise<readonly ParkedSequence[]> {
    return this.#do(() => this.#inbox.parked.sequences(this.#session, filter))
  }

  requestRetry(filter: ParkedFilter): Promise<number> {
    return this.#do(() => this.#inbox.parked.request(this.#session, filter))
  }

  noteTry(place: ParkedPlace, seen: number, now: ParkedTry): Promise<boolean> {
    return this.#do(() => this.#inbox.parked.note(this.#session, place, seen, now))
  }

  forgetConsumer(consumer: string, view?: string): Promise<void> {
    return this.#do(() => {
      checkName('name of the consumer', consumer)
      if (view !== undefined) checkName('name of the view', view)
      return this.#session.transaction((tx) => this.#inbox.forget(tx, consumer, view))
    })
  }

  readRows(view: string, keys: readonly string[]): Promise<ReadonlyMap<string, JsonObject>> {
    return this.#do(() => {
      checkName('name of the view', view)
      for (const key of keys) checkName('key of the row', key)
      return this.#views.read(this.#session, view, keys)
    })
  }

  queryRows(view: string, query: RowQuery): Promise<readonly JsonObject[]> {
    return this.#do(() => {
      checkName('name of the view', view)
      checkRowQuery(query)
      return this.#views.query(this.#session, view, query)
    })
  }

  isCurrent(stream: StreamId, version: number): Promise<boolean> {
    return this.#do(() => {
      checkStream(stream)
      return this.#reads.isCurrent(stream, version)
    })
  }

  keepSnapshot(stream: StreamId, snapshot: Snapshot): Promise<void> {
    return this.#do(() => {
      checkSnapshot(stream, snapshot)
      return this.#keeper.keepSnapshot(this.#session, stream, snapshot)
    })
  }

  listStreams(
    aggregate: string,
    after: StreamId | undefined,
    limit: number,
  ): Promise<readonly StreamStanding[]> {
    return this.#do(() => {
      checkName('name of the aggregate', aggregate)
      if (after !== undefined) checkStream(after)
      const tables = this.#state.tables.get(aggregate)
      return listStreams(this.#session, this.#schema, tables, aggregate, after, limit)
    })
  }

  listUnkept(
    aggregate: string,
    after: StreamId | undefined,
    limit: number,
  ): Promise<readonly { readonly stream: StreamId; readonly rows: StateRows }[]> {
    return this.#do(() => {
      checkName('name of the aggregate', aggregate)
      if (after !== undefined) checkStream(after)
      return this.#state.unkept(this.#session, aggregate, after, limit)
    })
  }

  keepState(stream: StreamId, version: number, change: StateChange): Promise<boolean> {
    return this.#do(() => {
      checkStream(stream)
      checkStateChange(stream, change, this.#kept)
      const tables = tablesOf(this.#state.tables, stream)
      return this.#keeper.keepState(this.#session, tables, stream, version, change)
    })
  }

  keepClaims(
    stream: StreamId,
    version: number,
    claims: readonly Claim[],
  ): Promise<boolean | { readonly claim: Claim; readonly holder: string }> {
    return this.#do(() => {
      checkStream(stream)
      checkClaims(claims)
      return this.#keeper.keepClaims(this.#session, stream, version, claims)
    })
  }

  findClaim(tenant: string, aggregate: string, claim: Claim): Promise<string | undefined> {
    return this.#do(() => {
      checkName('tenant', tenant)
      checkName('name of the aggregate', aggregate)
      checkClaims([claim])
      return this.#state.claims.find(this.#session, tenant, aggregate, claim)
    })
  }

  /** The server ends a transaction whose work leaves it idle for 15 seconds: it holds back every reader of the log. */
  async transact<T>(work: (sql: SqlTransaction, store: JoinedStore) => Promise<T>): Promise<T> {
    let joined: JoinedTransaction | undefined
    let thrown: { readonly error: unknown } | undefined
    const guarded = async (tx: Transaction): Promise<T> => {
      const begun = onceBegun(this.#session.store, tx)
      joined = new JoinedTransaction(this.#joinable, tx, begun)
      const result = await work(sqlOf(tx), joined).catch((error: unknown) => {
        thrown = { error }
        throw error
      })
      // Somebody's SQL may have ended it.
      await begun()
      if (!joined.refused) return result
      const reason = 'one in the transaction was refused, and the transaction was to be kept'
      throw fault('DURE_COMMIT_INVALID', { reason })
    }
    try {
      const result = await this.#do(() => this.#session.transactionOnce(guarded))
      this.#tell(joined?.positions ?? [])
      return result
    } catch (error) {
      // What the work throws is its own, the errors of its SQL among it.
      throw thrown === undefined ? error : thrown.error
    }
  }

  within(client: object): JoinedStore & { committed(): void } {
    const tx = joinClient(this.#session.store, client)
    const isBegun = onceBegun(this.#session.store, tx)
    const begun = (): Promise<void> => isBegun().then(() => this.#session.verifyJoined(tx))
    const joined = new JoinedTransaction(this.#joinable, tx, begun)
    return {
      readHistory: (stream, after) => joined.readHistory(stream, after),
      commit: (unit) => joined.commit(unit),
      committed: () => this.#tell(joined.positions),
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#notices.close()
    this.#onClose()
  }

  #history(runner: Runner, stream: StreamId, after: number): Promise<StreamHistory> {
    const kept = after === 0 ? this.#state.history(runner, stream) : undefined
    return kept ?? this.#streams.history(runner, stream, after)
  }

  get #joinable(): Joinable {
    return {
      readHistory: (tx, stream, after) =>
        this.#do(() => {
          checkStream(stream)
          return this.#history(tx, stream, after)
        }),
      commit: (tx, unit) =>
        this.#do(() => {
          checkCommit(unit, this.#kept)
          return this.#commitWithin(tx, unit)
        }),
    }
  }

  /** `epoch`: the one it was asked for in. */
  #tell(positions: readonly number[], epoch = this.epoch): void {
    if (positions.length === 0) return
    this.#notices.tell()
    const last = Math.max(...positions)
    this.#lineage.see(last, epoch)
    this.#upkeep.notice(last)
  }

  /** What failed in a transaction cannot be done again in it, so a partition that is missing is made for the next one. */
  async #commitWithin(tx: Transaction, unit: Commit): Promise<CommitOutcome> {
    try {
      return await this.#committer.commitWithin(tx, unit)
    } catch (error) {
      if (!isMissingPartition(error, 'events')) throw error
      await this.#upkeep.runAnew()
      const { store } = this.#session
      throw fault('DURE_STORE_CONTENDED', { store, tries: 1, reason: 'a partition was missing' }, error)
    }
  }

  /** Partitions are made ahead of need; if a burst outran that, they are made now and the commit is done again. */
  async #commitAnew(unit: Commit, error: unknown): Promise<CommitOutcome> {
    if (!isMissingPartition(error, 'events')) throw error
    await this.#upkeep.runAnew()
    return this.#committer.commit(unit)
  }

  async #do<T>(work: () => Promise<T>): Promise<T> {
    this.#checkOpen()
    try {
      return await work()
    } catch (error) {
      throw storeError(error, this.#session.store)
    }
  }

  #checkOpen(): void {
    if (!this.#closed) return
    throw fault('DURE_STORE_CLOSED', { store: `${this.#session.store}, context ${this.context}` })
  }
}
