import type { JsonObject } from '../../kernel/json.ts'
import { sliceOf } from '../../kernel/slice.ts'
import type {
  Append,
  Commit,
  CommitOutcome,
  EpochStart,
  EventMeta,
  InboxMove,
  StoredEvent,
  StoredReply,
  StreamId,
} from '../../ports/event-store.ts'
import type { ParkedMessage } from '../../ports/parking.ts'
import { checkCommit, storableProse, streamKey } from '../../ports/storable.ts'
import { frozenJson } from './frozen.ts'
import { MemoryInbox } from './memory-inbox.ts'
import { MemoryLeases } from './memory-leases.ts'
import { type Kept, MemoryState } from './memory-state.ts'

const REPLY_KEPT_MS = 7 * 24 * 3600 * 1000

interface Stream {
  readonly id: StreamId
  version: number
  ended: boolean
  readonly events: StoredEvent[]
}

/** What one context keeps, and the one way to change it. */
export class MemoryData {
  /** The system that has the context, once one has said so. */
  system: string | undefined
  readonly leases: MemoryLeases
  /** Told of each commit with appends, by whichever opening. */
  readonly committed: Set<() => void> = new Set()
  /** Told of each new epoch. */
  readonly renewed: Set<(start: EpochStart) => void> = new Set()
  #epochs: readonly EpochStart[]
  /** Positions have no holes here: the event at index i has position i + 1. */
  readonly log: StoredEvent[] = []
  readonly streams: Map<string, Stream> = new Map()
  readonly inbox: MemoryInbox = new MemoryInbox()
  readonly state: MemoryState = new MemoryState()
  readonly rows: Map<string, Map<string, JsonObject>> = new Map()
  readonly #replies = new Map<string, StoredReply & { readonly at: number }>()

  constructor(epoch: string, now: () => number) {
    this.#epochs = [Object.freeze({ epoch, began: 0 })]
    this.leases = new MemoryLeases(now)
  }

  get epochs(): readonly EpochStart[] {
    return this.#epochs
  }

  beginEpoch(epoch: string): EpochStart {
    const start = Object.freeze({ epoch, began: this.log.length })
    this.#epochs = [...this.#epochs, start]
    for (const listener of this.renewed) queueMicrotask(() => listener(start))
    return start
  }

  /** Checks and copies everything before it changes anything, so that a refusal leaves no trace. */
  commit(unit: Commit, kept: Kept): CommitOutcome {
    checkCommit(unit, kept)
    const prepared = prepare(unit)
    const refused = this.#refusal(unit, kept)
    if (refused !== undefined) return refused
    const states = this.state.prepareAll(unit.appends, kept)

    for (const it of movesOf(unit)) this.inbox.move(it)
    if (prepared.reply !== undefined) this.#keepReply(prepared.reply, unit.at.getTime())
    const positions = unit.appends.map((it, index) => this.#append(it, prepared.data[index] ?? [], prepared))
    this.state.claims.change(unit.appends)
    for (const it of states) this.state.put(it)
    for (const { view, key, row } of prepared.rows) this.#writeRow(view, key, row)
    for (const parked of prepared.parks) this.inbox.parked.park(parked, unit.at)
    for (const it of unit.unparks ?? []) this.inbox.parked.unpark(it)
    return { ok: true, positions }
  }

  /** The first reason, in the order that the port names, that stands against a unit. */
  #refusal(unit: Commit, kept: Kept): (CommitOutcome & { ok: false }) | undefined {
    const { appends, reply, unparks = [] } = unit
    const moved = movesOf(unit).every((it) => this.inbox.canMove(it))
    if (!moved || !unparks.every((it) => this.inbox.parked.has(it))) return { ok: false, reason: 'inbox' }
    if (reply !== undefined && this.findReply(reply.tenant, reply.key)) return { ok: false, reason: 'key' }
    const conflict = appends.find((it) => !this.#canAppend(it))
    if (conflict !== undefined) return { ok: false, reason: 'version', stream: copyStream(conflict.stream) }
    const taken = this.state.claims.taken(appends)
    if (taken !== undefined) {
      return { ok: false, reason: 'unique', stream: copyStream(taken.stream), claim: { ...taken.claim } }
    }
    const changed = appends.find((it) => it.state && !this.state.shows(it.stream, it.state, kept))
    return changed && { ok: false, reason: 'row', stream: copyStream(changed.stream) }
  }

  /** Whether a stream is there, at a version. */
  isAt(stream: StreamId, version: number): boolean {
    return this.streams.get(streamKey(stream))?.version === version
  }

  /** The streams of an aggregate by tenant and id, after one of them. */
  streamsAfter(aggregate: string, after: StreamId | undefined, limit: number): Stream[] {
    return [...this.streams.values()]
      .filter(({ id }) => id.aggregate === aggregate && (after === undefined || byBytes(id, after) > 0))
      .toSorted((a, b) => byBytes(a.id, b.id))
      .slice(0, limit)
  }

  findReply(tenant: string, key: string): StoredReply | undefined {
    const found = this.#replies.get(`${tenant}\0${key}`)
    if (found === undefined) return undefined
    return Object.freeze({ tenant, key, request: found.request, reply: found.reply })
  }

  forget(consumer: string, view: string | undefined): void {
    this.inbox.forget(consumer)
    if (view !== undefined) this.rows.delete(view)
  }

  #canAppend({ stream, expected }: Append): boolean {
    const found = this.streams.get(streamKey(stream))
    return found === undefined ? expected === 0 : expected > 0 && found.version === expected && !found.ended
  }

  #append(append: Append, data: readonly JsonObject[], { meta, at }: Prepared): number {
    const key = streamKey(append.stream)
    const stream = Object.freeze(copyStream(append.stream))
    const found = this.streams.get(key) ?? { id: stream, version: 0, ended: false, events: [] }
    this.streams.set(key, found)
    for (const [index, { type, schema, meta: own }] of append.events.entries()) {
      const event: StoredEvent = Object.freeze({
        position: this.log.length + 1,
        stream,
        version: ++found.version,
        slice: sliceOf(stream.id),
        type,
        schema,
        data: data[index] ?? {},
        meta: own === undefined ? meta : Object.freeze({ ...own }),
        // A Date cannot be frozen, so every event has one of its own and every reader gets a copy.
        at: new Date(at),
      })
      this.log.push(event)
      found.events.push(event)
    }
    found.ended = append.ends
    return this.log.length
  }

  #keepReply(reply: StoredReply, at: number): void {
    for (const [key, kept] of this.#replies) {
      if (kept.at >= at - REPLY_KEPT_MS) break
      this.#replies.delete(key)
    }
    this.#replies.set(`${reply.tenant}\0${reply.key}`, { ...reply, at })
  }

  #writeRow(view: string, key: string, row: JsonObject | null): void {
    let rows = this.rows.get(view)
    if (rows === undefined) this.rows.set(view, (rows = new Map()))
    if (row === null) rows.delete(key)
    else rows.set(key, row)
  }
}

interface Prepared {
  readonly at: number
  readonly meta: EventMeta
  readonly data: readonly (readonly JsonObject[])[]
  readonly reply: StoredReply | undefined
  readonly rows: readonly { readonly view: string; readonly key: string; readonly row: JsonObject | null }[]
  readonly parks: readonly ParkedMessage[]
}

function prepare({ at, meta, appends, reply, rows = [], parks = [] }: Commit): Prepared {
  return {
    at: at.getTime(),
    meta: Object.freeze({ ...meta }),
    data: appends.map((it) => it.events.map((event) => frozenJson('data of the event', event.data))),
    reply: reply && { ...reply, reply: frozenJson('reply', reply.reply) },
    rows: rows.map(({ view, key, row }) => ({ view, key, row: row && frozenJson('row', row) })),
    parks: parks.map((it) => ({ ...it, stream: copyStream(it.stream), reason: storableProse(it.reason) })),
  }
}

function copyStream({ tenant, aggregate, id }: StreamId): StreamId {
  return { tenant, aggregate, id }
}

function movesOf({ inbox, turn }: Commit): InboxMove[] {
  return [inbox, turn].filter((it) => it !== undefined)
}

/** UTF-8 bytes sort by code point; UTF-16 units, which `<` compares, do not. */
function byBytes(a: StreamId, b: StreamId): number {
  return (
    Buffer.compare(Buffer.from(a.tenant), Buffer.from(b.tenant)) ||
    Buffer.compare(Buffer.from(a.id), Buffer.from(b.id))
  )
}
