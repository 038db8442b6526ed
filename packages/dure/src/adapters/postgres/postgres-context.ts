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
import { checkCommit, checkName, checkRowQuery, checkStream } from '../../ports/storable.ts'
import type { ContextStore } from '../../ports/store.ts'
import type { RowQuery } from '../../ports/view-store.ts'
import { Committer } from './committer.ts'
import { InboxTable } from './inbox-table.ts'
import { PostgresLog, probeStatement } from './postgres-log.ts'
import { Replies } from './replies.ts'
import { quoted } from './schema-name.ts'
import type { Runner, Session } from './session.ts'
import type { Row, Statement } from './statement.ts'
import { isMissingPartition, storeError } from './store-error.ts'
import { Streams } from './streams.ts'
import type { Upkeep } from './upkeep.ts'
import { ViewTable } from './view-table.ts'

/** The store of one context: a schema of its own. */
export class PostgresContext implements ContextStore {
  readonly context: string
  readonly #session: Session
  readonly #upkeep: Upkeep
  readonly #onClose: () => void
  readonly #streams: Streams
  readonly #replies: Replies
  readonly #inbox: InboxTable
  readonly #views: ViewTable
  readonly #committer: Committer
  readonly #probe: ReturnType<typeof probeStatement>
  readonly #listeners = new Set<() => void>()
  #closed = false

  constructor(context: string, schema: string, session: Session, upkeep: Upkeep, onClose: () => void) {
    this.context = context
    this.#session = session
    this.#upkeep = upkeep
    this.#onClose = onClose
    const s = quoted(schema)
    this.#streams = new Streams(s)
    this.#replies = new Replies(s)
    this.#inbox = new InboxTable(s)
    this.#views = new ViewTable(s)
    this.#committer = new Committer(s, session, this.#replies, this.#inbox, this.#views)
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
      return this.#streams.history(this.#session, stream, after)
    })
  }

  async commit(unit: Commit): Promise<CommitOutcome> {
    const outcome = await this.#do(() => {
      checkCommit(unit)
      return this.#commit(unit)
    })
    if (outcome.ok && outcome.positions.length > 0) {
      // A listener that throws must not make a commit look failed that has taken place.
      for (const listener of this.#listeners) queueMicrotask(listener)
      this.#upkeep.notice(Math.max(...outcome.positions))
    }
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

  async close(): Promise<void> {
    this.#closed = true
    this.#listeners.clear()
    this.#onClose()
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
