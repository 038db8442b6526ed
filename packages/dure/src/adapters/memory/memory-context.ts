import { fault } from '../../kernel/errors/fault.ts'
import type { JsonObject } from '../../kernel/json.ts'
import type {
  Commit,
  CommitOutcome,
  EpochStart,
  LogReader,
  StoredEvent,
  StoredReply,
  StreamHistory,
  StreamId,
  StreamRead,
} from '../../ports/event-store.ts'
import type { EpochAdoption, InboxState } from '../../ports/inbox.ts'
import type {
  ParkedFilter,
  ParkedPlace,
  ParkedRecord,
  ParkedSequence,
  ParkedTry,
} from '../../ports/parking.ts'
import type { Claim, Snapshot, StateChange, StreamStanding } from '../../ports/state-store.ts'
import type { HeldLease, NamedLease } from '../../ports/leases.ts'
import { checkLease } from '../../ports/storable/lease.ts'
import { checkClaims, checkSnapshot, checkStateChange } from '../../ports/storable/state.ts'
import {
  checkAdoption,
  checkName,
  checkParkedFilter,
  checkRowQuery,
  checkStream,
  checkTry,
  streamKey,
} from '../../ports/storable.ts'
import type { ContextStore } from '../../ports/store.ts'
import type { RowQuery } from '../../ports/view-store.ts'
import type { MemoryData } from './memory-data.ts'
import { selectRows } from './memory-rows.ts'
import type { Kept } from './memory-state.ts'

/** One opening of a context; several openings share the data, as several processes share a database. */
export class MemoryContext implements ContextStore {
  readonly context: string
  readonly #data: MemoryData
  readonly #kept: Kept
  readonly #listeners = new Set<() => void>()
  readonly #onClose: () => void
  #closed = false

  constructor(context: string, data: MemoryData, kept: Kept, onClose: () => void) {
    this.context = context
    this.#data = data
    this.#kept = kept
    this.#onClose = onClose
  }

  get epoch(): string {
    return this.#data.epochs.at(-1)?.epoch ?? ''
  }

  get epochs(): readonly EpochStart[] {
    return this.#data.epochs
  }

  onEpoch(listener: (start: EpochStart) => void): () => void {
    return this.#listen(this.#data.renewed, (start: EpochStart) => listener(start))
  }

  async readHistory(stream: StreamId, after = 0): Promise<StreamHistory> {
    const data = this.#open()
    checkStream(stream)
    const start = after > 0 ? {} : data.state.startOf(stream, this.#kept)
    return { ...(await this.readStream(stream, start.baseline?.version ?? after)), ...start }
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
    const outcome = this.#open().commit(unit, this.#kept)
    if (outcome.ok && unit.appends.length > 0) {
      // A listener that throws must not make a commit look failed that has taken place.
      for (const listener of this.#data.committed) queueMicrotask(listener)
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
    const { epoch } = this
    const next = async (limit: number): Promise<readonly StoredEvent[]> => {
      const data = this.#open()
      if (epoch !== this.epoch) {
        throw fault('DURE_STORE_EPOCH', { store: 'memory', context: this.context, epoch })
      }
      const events = data.log.slice(mark, mark + limit)
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
    return this.#listen(this.#data.committed, () => listener())
  }

  async takeLease(name: string, holder: string, forMs: number): Promise<number | undefined> {
    const data = this.#open()
    checkLease(name, holder, forMs)
    return data.leases.take(name, holder, forMs)
  }

  async dropLease(name: string, holder: string): Promise<void> {
    const data = this.#open()
    checkName('name of the lease', name)
    checkName('holder of the lease', holder)
    data.leases.drop(name, holder)
  }

  async readLease(name: string): Promise<HeldLease | undefined> {
    const data = this.#open()
    checkName('name of the lease', name)
    return data.leases.read(name)
  }

  async readLeases(prefix: string): Promise<readonly NamedLease[]> {
    const data = this.#open()
    return data.leases.readAll(prefix)
  }

  async readInbox(consumer: string, source: string): Promise<InboxState> {
    const data = this.#open()
    checkName('name of the consumer', consumer)
    checkName('name of the source', source)
    return data.inbox.read(consumer, source)
  }

  async adoptEpoch(adoption: EpochAdoption): Promise<readonly ParkedRecord[] | undefined> {
    const data = this.#open()
    checkAdoption(adoption)
    return data.inbox.adopt(adoption)
  }

  async readParked(filter: ParkedFilter = {}, limit?: number): Promise<readonly ParkedRecord[]> {
    const data = this.#open()
    checkParkedFilter(filter, limit)
    return data.inbox.parked.read(filter, limit)
  }

  async readParkedSequences(filter: ParkedFilter = {}): Promise<readonly ParkedSequence[]> {
    const data = this.#open()
    checkParkedFilter(filter)
    return data.inbox.parked.sequences(filter)
  }

  async requestRetry(filter: ParkedFilter): Promise<number> {
    const data = this.#open()
    checkParkedFilter(filter)
    return data.inbox.parked.request(filter)
  }

  async noteTry(place: ParkedPlace, seen: number, now: ParkedTry): Promise<boolean> {
    const data = this.#open()
    checkTry(place, now)
    return data.inbox.parked.note(place, seen, now)
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

  async isCurrent(stream: StreamId, version: number): Promise<boolean> {
    const data = this.#open()
    checkStream(stream)
    const found = data.streams.get(streamKey(stream))
    if (found === undefined || found.ended || found.version !== version) return false
    return data.state.isCurrent(stream, version, this.#kept)
  }

  async keepSnapshot(stream: StreamId, snapshot: Snapshot): Promise<void> {
    const data = this.#open()
    checkSnapshot(stream, snapshot)
    data.state.keepSnapshot(stream, snapshot)
  }

  async listStreams(
    aggregate: string,
    after: StreamId | undefined,
    limit: number,
  ): Promise<readonly StreamStanding[]> {
    const data = this.#open()
    checkName('name of the aggregate', aggregate)
    if (after !== undefined) checkStream(after)
    return data.streamsAfter(aggregate, after, limit).map(({ id, version, ended }) => {
      const row = data.state.row(id, this.#kept)
      const standing = { stream: { ...id }, version, ended }
      return row === undefined ? standing : { ...standing, row: { version: row.version, shape: row.shape } }
    })
  }

  /** No row stands here that Dure did not write. */
  async listUnkept(aggregate: string): Promise<readonly []> {
    this.#open()
    checkName('name of the aggregate', aggregate)
    return []
  }

  async keepState(stream: StreamId, version: number, change: StateChange): Promise<boolean> {
    const data = this.#open()
    const { state } = data
    checkStream(stream)
    checkStateChange(stream, change, this.#kept)
    if (!data.isAt(stream, version) || !state.shows(stream, change, this.#kept)) return false
    const prepared = state.prepare(stream, change, version, this.#kept)
    if (prepared !== undefined) state.put(prepared)
    return true
  }

  async keepClaims(
    stream: StreamId,
    version: number,
    claims: readonly Claim[],
  ): Promise<boolean | { readonly claim: Claim; readonly holder: string }> {
    const data = this.#open()
    checkStream(stream)
    checkClaims(claims)
    if (!data.isAt(stream, version)) return false
    const held = data.state.claims
    const { tenant, aggregate, id } = stream
    for (const { name, value } of claims) {
      const holder = held.find(tenant, aggregate, { name, value })
      if (holder !== undefined && holder !== id) return { claim: { name, value }, holder }
    }
    held.set(stream, claims)
    return true
  }

  async findClaim(tenant: string, aggregate: string, claim: Claim): Promise<string | undefined> {
    const data = this.#open()
    checkName('tenant', tenant)
    checkName('name of the aggregate', aggregate)
    checkClaims([claim])
    return data.state.claims.find(tenant, aggregate, claim)
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const stop of this.#listeners) stop()
    this.#onClose()
  }

  /** `added` is a function of its own, so that the same listener can be added twice. */
  #listen<T>(listeners: Set<T>, added: T): () => void {
    const stop = (): void => {
      listeners.delete(added)
      this.#listeners.delete(stop)
    }
    listeners.add(added)
    this.#listeners.add(stop)
    return stop
  }

  #open(): MemoryData {
    if (this.#closed) throw fault('DURE_STORE_CLOSED', { store: `memory, context ${this.context}` })
    return this.#data
  }
}

function copy(event: StoredEvent): StoredEvent {
  return Object.freeze({ ...event, at: new Date(event.at) })
}
