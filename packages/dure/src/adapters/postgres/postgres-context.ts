import { fault } from '../../kernel/errors/fault.ts'
import type { JsonObject } from '../../kernel/json.ts'
import type {
  Commit,
  CommitOutcome,
  LogReader,
  ParkedMessage,
  StoredReply,
  StreamHistory,
  StreamId,
  StreamRead,
} from '../../ports/event-store.ts'
import type { InboxState } from '../../ports/inbox.ts'
import type {
  Claim,
  KeptAggregate,
  Snapshot,
  StateChange,
  StateRows,
  StreamStanding,
} from '../../ports/state-store.ts'
import { checkCommit, checkName, checkRowQuery, checkStream } from '../../ports/storable.ts'
import { checkClaims, checkSnapshot, checkStateChange } from '../../ports/storable-state.ts'
import type { ContextStore } from '../../ports/store.ts'
import type { JoinedStore, SqlTransaction, Transacting } from '../../ports/transact.ts'
import type { RowQuery } from '../../ports/view-store.ts'
import { Committer } from './committer.ts'
import { InboxTable } from './inbox-table.ts'
import { PostgresLog, probeStatement } from './postgres-log.ts'
import { Replies } from './replies.ts'
import { quoted } from './schema-name.ts'
import type { Runner, Session, Transaction } from './session.ts'
import { KeptState } from './state/kept-state.ts'
import { type KeptTables, tablesOf } from './state/kept-tables.ts'
import { StateKeeper } from './state/state-keeper.ts'
import { listStreams } from './state/stream-listing.ts'
import type { Row, Statement } from './statement.ts'
import { isMissingPartition, storeError } from './store-error.ts'
import { Streams } from './streams.ts'
import { JoinedTransaction, type Joinable } from './transact/joined-transaction.ts'
import { joinClient, onceBegun, sqlOf } from './transact/sql-client.ts'
import type { Upkeep } from './upkeep.ts'
import { ViewTable } from './view-table.ts'

/** What a context is opened with. */
export interface ContextParts {
  readonly context: string
  readonly schema: string
  readonly session: Session
  readonly upkeep: Upkeep
  readonly kept: readonly KeptAggregate[]
  /** The tables of those that have some, by the names of their aggregates. */
  readonly tables: ReadonlyMap<string, KeptTables>
  readonly onClose: () => unknown
}

/** The store of one context: a schema of its own. */
export class PostgresContext implements ContextStore, Transacting {
  readonly context: string
  readonly #session: Session
  readonly #upkeep: Upkeep
  readonly #onClose: () => unknown
  readonly #streams: Streams
  readonly #replies: Replies
  readonly #inbox: InboxTable
  readonly #views: ViewTable
  readonly #kept: ReadonlyMap<string, KeptAggregate>
  readonly #schema: string
  readonly #state: KeptState
  readonly #keeper: StateKeeper
  readonly #committer: Committer
  readonly #probe: ReturnType<typeof probeStatement>
  readonly #listeners = new Set<() => void>()
  #closed = false

  constructor({ context, schema, session, upkeep, kept, tables, onClose }: ContextParts) {
    this.context = context
    this.#session = session
    this.#upkeep = upkeep
    this.#onClose = onClose
    const s = (this.#schema = quoted(schema))
    this.#streams = new Streams(s)
    this.#replies = new Replies(s)
    this.#inbox = new InboxTable(s)
    this.#views = new ViewTable(s)
    this.#kept = new Map(kept.map((it) => [it.aggregate, it]))
    this.#state = new KeptState(s, kept, tables, this.#streams)
    this.#keeper = new StateKeeper(s, this.#state.claims)
    const also = { replies: this.#replies, inbox: this.#inbox, views: this.#views, state: this.#state }
    this.#committer = new Committer(s, session, also)
    this.#probe = probeStatement(s)
  }

  get epoch(): string {
    return this.#upkeep.epoch
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
      return this.#history(this.#session, stream, after)
    })
  }

  async commit(unit: Commit): Promise<CommitOutcome> {
    const outcome = await this.#do(() => {
      checkCommit(unit, this.#kept)
      return this.#commit(unit)
    })
    if (outcome.ok) this.#tell(outcome.positions)
    return outcome
  }

  findReply(tenant: string, key: string): Promise<StoredReply | undefined> {
    return this.#do(() => {
      checkName('tenant', tenant)
      checkName('idempotency key', key)
      return this.#replies.find(this.#session, tenant, key)
    })
  }

  openLog(after: number): LogReader {
    const runner: Runner = {
      run: <R extends Row>(it: Statement<R>, values: unknown[]) =>
        this.#do(() => this.#session.run(it, values)),
    }
    return new PostgresLog(runner, this.#streams, this.#probe, after)
  }

  onCommit(listener: () => void): () => void {
    // A function of its own, so that the same listener can be added twice.
    const added = (): void => listener()
    this.#listeners.add(added)
    return () => void this.#listeners.delete(added)
  }

  readInbox(consumer: string, source: string): Promise<InboxState> {
    return this.#do(() => {
      checkName('name of the consumer', consumer)
      checkName('name of the source', source)
      return this.#inbox.read(this.#session, consumer, source)
    })
  }

  readParked(consumer?: string, source?: string): Promise<readonly ParkedMessage[]> {
    return this.#do(() => this.#inbox.readParked(this.#session, consumer, source))
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
    const joined = new JoinedTransaction(this.#joinable, tx, onceBegun(this.#session.store, tx))
    return {
      readHistory: (stream, after) => joined.readHistory(stream, after),
      commit: (unit) => joined.commit(unit),
      committed: () => this.#tell(joined.positions),
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#listeners.clear()
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

  #tell(positions: readonly number[]): void {
    if (positions.length === 0) return
    // A listener that throws must not make a commit look failed that has taken place.
    for (const listener of this.#listeners) queueMicrotask(listener)
    this.#upkeep.notice(Math.max(...positions))
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
  async #commit(unit: Commit): Promise<CommitOutcome> {
    try {
      return await this.#committer.commit(unit)
    } catch (error) {
      if (!isMissingPartition(error, 'events')) throw error
      await this.#upkeep.runAnew()
      return this.#committer.commit(unit)
    }
  }

  async #do<T>(work: () => Promise<T>): Promise<T> {
    const store = this.#session.store
    if (this.#closed) throw fault('DURE_STORE_CLOSED', { store: `${store}, context ${this.context}` })
    try {
      return await work()
    } catch (error) {
      throw storeError(error, store)
    }
  }
}
