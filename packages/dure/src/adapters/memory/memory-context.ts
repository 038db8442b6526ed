import { fault } from '../../kernel/errors/fault.ts'
import type { JsonObject } from '../../kernel/json.ts'
import type {
  Commit,
  CommitOutcome,
  LogReader,
  ParkedMessage,
  StoredEvent,
  StoredReply,
  StreamHistory,
  StreamId,
  StreamRead,
} from '../../ports/event-store.ts'
import type { InboxState } from '../../ports/inbox.ts'
import { checkName, checkRowQuery, checkStream, streamKey } from '../../ports/storable.ts'
import type { ContextStore } from '../../ports/store.ts'
import type { RowQuery } from '../../ports/view-store.ts'
import { inboxKey, type MemoryData } from './memory-data.ts'
import { selectRows } from './memory-rows.ts'

/** One opening of a context; several openings share the data, as several processes share a database. */
export class MemoryContext implements ContextStore {
  readonly context: string
  readonly #data: MemoryData
  readonly #listeners = new Set<() => void>()
  readonly #onClose: () => void
  #closed = false

  constructor(context: string, data: MemoryData, onClose: () => void) {
    this.context = context
    this.#data = data
    this.#onClose = onClose
  }

  get epoch(): string {
    return this.#data.epoch
  }

  readHistory(stream: StreamId, after?: number): Promise<StreamHistory> {
    return this.readStream(stream, after)
  }

  async readStream(stream: StreamId, after = 0): Promise<StreamRead> {
    const data = this.#open()
    checkStream(stream)
    const found = data.streams.get(streamKey(stream))
    if (found === undefined) return { version: 0, ended: false, events: [] }
    return {
      version: found.version,
      ended: found.ended,
      events: found.events.slice(Math.max(after, 0)).map(copy),
    }
  }

  async commit(unit: Commit): Promise<CommitOutcome> {
    const outcome = this.#open().commit(unit)
    if (outcome.ok && unit.appends.length > 0) {
      // A listener that throws must not make a commit look failed that has taken place.
      for (const listener of this.#listeners) queueMicrotask(listener)
    }
    return outcome
  }

  async findReply(tenant: string, key: string): Promise<StoredReply | undefined> {
    const data = this.#open()
    checkName('tenant', tenant)
    checkName('idempotency key', key)
    return data.findReply(tenant, key)
  }

  openLog(after: number): LogReader {
    let mark = after
    const next = async (limit: number): Promise<readonly StoredEvent[]> => {
      const events = this.#open().log.slice(mark, mark + limit)
      mark += events.length
      return events.map(copy)
    }
    return {
      next,
      get mark() {
        return mark
      },
    }
  }

  onCommit(listener: () => void): () => void {
    // A function of its own, so that the same listener can be added twice.
    const added = (): void => listener()
    this.#listeners.add(added)
    return () => void this.#listeners.delete(added)
  }

  async readInbox(consumer: string, source: string): Promise<InboxState> {
    const data = this.#open()
    checkName('name of the consumer', consumer)
    checkName('name of the source', source)
    const key = inboxKey(consumer, source)
    const found = data.inbox.get(key)
    const parked = new Map<string, StreamId>()
    for (const { stream } of data.parked.get(key)?.values() ?? [])
      parked.set(streamKey(stream), { ...stream })
    return {
      epoch: found?.epoch,
      slices: new Map(found?.slices),
      through: found?.through ?? 0,
      parked: [...parked.values()],
    }
  }

  async readParked(consumer?: string, source?: string): Promise<readonly ParkedMessage[]> {
    const all = [...this.#open().parked.values()].flatMap((it) => [...it.values()])
    return all
      .filter((it) => consumer === undefined || it.consumer === consumer)
      .filter((it) => source === undefined || it.source === source)
      .toSorted((a, b) => a.position - b.position)
      .map((it) => ({ ...it, stream: { ...it.stream } }))
  }

  async forgetConsumer(consumer: string, view?: string): Promise<void> {
    const data = this.#open()
    checkName('name of the consumer', consumer)
    data.forget(consumer, view)
  }

  async readRows(view: string, keys: readonly string[]): Promise<ReadonlyMap<string, JsonObject>> {
    const rows = this.#open().rows.get(view)
    checkName('name of the view', view)
    const found = new Map<string, JsonObject>()
    for (const key of keys) {
      checkName('key of the row', key)
      const row = rows?.get(key)
      if (row !== undefined) found.set(key, row)
    }
    return found
  }

  async queryRows(view: string, query: RowQuery): Promise<readonly JsonObject[]> {
    const data = this.#open()
    checkName('name of the view', view)
    checkRowQuery(query)
    return selectRows(data.rows.get(view) ?? new Map(), query)
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#listeners.clear()
    this.#onClose()
  }

  #open(): MemoryData {
    if (this.#closed) throw fault('DURE_STORE_CLOSED', { store: `memory, context ${this.context}` })
    return this.#data
  }
}

function copy(event: StoredEvent): StoredEvent {
  return Object.freeze({ ...event, at: new Date(event.at) })
}
