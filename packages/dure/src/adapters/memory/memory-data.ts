import type { JsonObject } from '../../kernel/json.ts'
import { sliceOf } from '../../kernel/slice.ts'
import type {
  Append,
  Commit,
  CommitOutcome,
  EventMeta,
  InboxMove,
  ParkedMessage,
  ParkedPlace,
  StoredEvent,
  StoredReply,
  StreamId,
} from '../../ports/event-store.ts'
import { checkCommit, storableProse, streamKey } from '../../ports/storable.ts'
import { frozenJson } from './frozen.ts'

const REPLY_KEPT_MS = 7 * 24 * 3600 * 1000

interface Stream {
  version: number
  ended: boolean
  readonly events: StoredEvent[]
}

export interface Watermarks {
  readonly epoch: string
  readonly slices: Map<number, number>
  through: number
}

/** What one context keeps, and the one way to change it. */
export class MemoryData {
  readonly epoch: string
  /** Positions have no holes here: the event at index i has position i + 1. */
  readonly log: StoredEvent[] = []
  readonly streams: Map<string, Stream> = new Map()
  readonly inbox: Map<string, Watermarks> = new Map()
  readonly parked: Map<string, Map<number, ParkedMessage>> = new Map()
  readonly rows: Map<string, Map<string, JsonObject>> = new Map()
  readonly #replies = new Map<string, StoredReply & { readonly at: number }>()

  constructor(epoch: string) {
    this.epoch = epoch
  }

  /** Checks and copies everything before it changes anything, so that a refusal leaves no trace. */
  commit(unit: Commit): CommitOutcome {
    checkCommit(unit)
    const prepared = prepare(unit)
    const moves = [unit.inbox, unit.turn].filter((it) => it !== undefined)
    const { unparks = [] } = unit
    if (!moves.every((it) => this.#canMove(it)) || !unparks.every((it) => this.#isParked(it))) {
      return { ok: false, reason: 'inbox' }
    }
    const { reply } = prepared
    if (reply !== undefined && this.findReply(reply.tenant, reply.key)) return { ok: false, reason: 'key' }
    const conflict = unit.appends.find((it) => !this.#canAppend(it))
    if (conflict !== undefined) return { ok: false, reason: 'version', stream: { ...conflict.stream } }

    for (const it of moves) this.#move(it)
    if (reply !== undefined) this.#keepReply(reply, unit.at.getTime())
    const positions = unit.appends.map((it, index) => this.#append(it, prepared.data[index] ?? [], prepared))
    for (const { view, key, row } of prepared.rows) this.#writeRow(view, key, row)
    for (const parked of prepared.parks) this.#park(parked)
    for (const it of unparks) this.parked.get(inboxKey(it.consumer, it.source))?.delete(it.position)
    return { ok: true, positions }
  }

  findReply(tenant: string, key: string): StoredReply | undefined {
    const found = this.#replies.get(`${tenant}\0${key}`)
    if (found === undefined) return undefined
    return Object.freeze({ tenant, key, request: found.request, reply: found.reply })
  }

  forget(consumer: string, view: string | undefined): void {
    const prefix = inboxKey(consumer, '')
    for (const kept of [this.inbox, this.parked]) {
      for (const key of kept.keys()) if (key.startsWith(prefix)) kept.delete(key)
    }
    if (view !== undefined) this.rows.delete(view)
  }

  #canAppend({ stream, expected }: Append): boolean {
    const found = this.streams.get(streamKey(stream))
    return found === undefined ? expected === 0 : expected > 0 && found.version === expected && !found.ended
  }

  #append(append: Append, data: readonly JsonObject[], { meta, at }: Prepared): number {
    const key = streamKey(append.stream)
    const found = this.streams.get(key) ?? { version: 0, ended: false, events: [] }
    this.streams.set(key, found)
    const { tenant, aggregate, id } = append.stream
    const stream = Object.freeze({ tenant, aggregate, id })
    for (const [index, { type, schema }] of append.events.entries()) {
      const event: StoredEvent = Object.freeze({
        position: this.log.length + 1,
        stream,
        version: ++found.version,
        slice: sliceOf(id),
        type,
        schema,
        data: data[index] ?? {},
        meta,
        // A Date cannot be frozen, so every event has one of its own and every reader gets a copy.
        at: new Date(at),
      })
      this.log.push(event)
      found.events.push(event)
    }
    found.ended = append.ends
    return this.log.length
  }

  #canMove({ consumer, source, epoch, slices }: InboxMove): boolean {
    const found = this.inbox.get(inboxKey(consumer, source))
    if (found !== undefined && found.epoch !== epoch) return false
    return slices.every((it) => (found?.slices.get(it.slice) ?? 0) === it.from)
  }

  #move({ consumer, source, epoch, slices, through }: InboxMove): void {
    const key = inboxKey(consumer, source)
    const found = this.inbox.get(key) ?? { epoch, slices: new Map<number, number>(), through }
    this.inbox.set(key, found)
    for (const { slice, to } of slices) found.slices.set(slice, to)
    found.through = Math.max(found.through, through)
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

  #isParked({ consumer, source, position }: ParkedPlace): boolean {
    return this.parked.get(inboxKey(consumer, source))?.has(position) ?? false
  }

  #park(parked: ParkedMessage): void {
    const key = inboxKey(parked.consumer, parked.source)
    let of = this.parked.get(key)
    if (of === undefined) this.parked.set(key, (of = new Map()))
    if (!of.has(parked.position)) of.set(parked.position, parked)
  }
}

/** Names hold no U+0000, so the key is unambiguous, and `inboxKey(consumer, '')` is a prefix of all of a consumer. */
export function inboxKey(consumer: string, source: string): string {
  return `${consumer}\0${source}`
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
