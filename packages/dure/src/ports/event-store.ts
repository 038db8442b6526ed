import type { JsonObject } from '../kernel/json.ts'
import type { ParkedMessage, ParkedPlace } from './parking.ts'
import type { Claim, StateChange, StateRows } from './state-store.ts'

/** Names one aggregate instance. The tenant is part of the key from day one; a system without tenants uses `''`. */
export interface StreamId {
  readonly tenant: string
  readonly aggregate: string
  readonly id: string
}

/** Who caused an event and where it stands in the chain; stored with every event. */
export interface EventMeta {
  /** Id of the command that decided the event. */
  readonly command: string
  readonly actor: string
  /** Id shared by everything that one request from outside caused. */
  readonly correlation: string
  /** Id of the message that caused the command; absent for a request from outside. */
  readonly causation?: string
  /** W3C trace context. */
  readonly traceparent?: string
}

/** An event as the application hands it over: encoded, versioned, not yet placed. */
export interface NewEvent {
  readonly type: string
  /** Version of the event's shape, 1 or more. */
  readonly schema: number
  readonly data: JsonObject
  /** Who caused it, where that is not who caused the commit; only in a commit that handles messages. */
  readonly meta?: EventMeta
}

/** An event as the log holds it. */
export interface StoredEvent extends Omit<NewEvent, 'meta'> {
  /** Place in the log of the context: unique, rising per stream. Holes are allowed. */
  readonly position: number
  readonly stream: StreamId
  /** Place in the stream, 1 for the first. */
  readonly version: number
  readonly slice: number
  readonly meta: EventMeta
  readonly at: Date
}

/** What a stream holds after a given version. `version` 0: it never existed. */
export interface StreamRead {
  readonly version: number
  /** The aggregate was deleted; its id is never used again. */
  readonly ended: boolean
  readonly events: readonly StoredEvent[]
}

/** As much of a stream as restoring its aggregate takes, in the order of the versions. */
export interface StreamHistory extends Pick<StreamRead, 'version' | 'ended'> {
  /** After the baseline where there is one, else after the version asked for. */
  readonly events: readonly Pick<StoredEvent, 'position' | 'type' | 'schema' | 'data'>[]
  /** A state to go on from, only where the whole stream was asked for. */
  readonly baseline?: Baseline
  /** Version that the row of the aggregate shows, whatever its shape, where one was looked for and found. */
  readonly row?: number
}

/** A state at a version of the stream: a snapshot, or the rows of an aggregate kept in tables. */
export type Baseline =
  | { readonly version: number; readonly snapshot: JsonObject }
  | { readonly version: number; readonly rows: StateRows }

/** Events for one stream, valid only if the stream is exactly at `expected` (0: it must not exist) and not ended. */
export interface Append {
  readonly stream: StreamId
  readonly expected: number
  /** At least one. */
  readonly events: readonly NewEvent[]
  readonly ends: boolean
  /** How the rows change with the events, for an aggregate kept in tables. */
  readonly state?: StateChange
  /** Values that the stream gives up and takes, in this order over the whole commit. */
  readonly claims?: { readonly drop: readonly Claim[]; readonly take: readonly Claim[] }
}

/** The answer to a command with an idempotency key, kept at least 7 days. */
export interface StoredReply {
  readonly tenant: string
  readonly key: string
  /** Hash of command and input: the same key with another hash is an error of the caller. */
  readonly request: string
  readonly reply: JsonObject
}

/**
 * Moves a consumer's watermarks by compare-and-set; see {@link Inbox}. Refused as a whole if one slice is not at its
 * `from`, or if the consumer's watermarks belong to another epoch: they are taken over to a new one by `adoptEpoch`, or
 * forgotten with the consumer.
 */
export interface InboxMove {
  readonly consumer: string
  readonly source: string
  readonly epoch: string
  readonly slices: readonly { readonly slice: number; readonly from: number; readonly to: number }[]
  /**
   * Every message of the source up to here has been met by this consumer: where a restart resumes reading. Never goes
   * back: the highest value given counts.
   */
  readonly through: number
  /** Where a reader of the bus goes on after `through`; only a saving. */
  readonly place?: string
}

/** A view row to write, or with `null` to remove. */
export interface RowWrite {
  readonly view: string
  readonly key: string
  readonly row: JsonObject | null
}

/** Where an epoch of a log begins: positions up to `began` are history that it shares with the epoch before. */
export interface EpochStart {
  readonly epoch: string
  readonly began: number
}

/**
 * One atomic unit: all of it is stored, or nothing. Of several rows under one key the last counts. A text in it that no
 * store can hold (U+0000, half a surrogate pair, a name above 512 bytes) is refused with DURE_STORE_TEXT_INVALID.
 */
export interface Commit {
  readonly at: Date
  readonly meta: EventMeta
  /** At most one per stream. */
  readonly appends: readonly Append[]
  readonly reply?: StoredReply
  readonly inbox?: InboxMove
  /** A second move, refused as the first is: for writers that have marks of their own and write what they have read. */
  readonly turn?: InboxMove
  readonly rows?: readonly RowWrite[]
  readonly parks?: readonly ParkedMessage[]
  /** Parked messages that are handled after all. One that is not parked refuses the commit, as a wrong watermark does. */
  readonly unparks?: readonly ParkedPlace[]
}

/** If a commit is refused for several reasons, the first of inbox, key, version, unique, row is named; in a race any of them. */
export type CommitOutcome =
  /** `positions[i]` is the position of the last event of `appends[i]`. */
  | { readonly ok: true; readonly positions: readonly number[] }
  /** A stream was not at its expected version, or has ended. */
  | { readonly ok: false; readonly reason: 'version'; readonly stream: StreamId }
  /** A reply under this key exists already: read it with `findReply`. */
  | { readonly ok: false; readonly reason: 'key' }
  /** Another aggregate has the value. */
  | { readonly ok: false; readonly reason: 'unique'; readonly stream: StreamId; readonly claim: Claim }
  /** The row of an aggregate does not show the version that the writer has seen: somebody else has written it. */
  | { readonly ok: false; readonly reason: 'row'; readonly stream: StreamId }
  /** A watermark was not where the mover believed, or a message is not parked: another process has handled it. */
  | { readonly ok: false; readonly reason: 'inbox' }

/**
 * The log of one context, its streams and all that must change in the same transaction with them.
 *
 * Promises: a commit is all or nothing and durable when it resolves; a stream's versions are 1, 2, 3… without gap or
 * fork, also under racing appends and on a stream that does not exist; positions rise along each stream. A commit that
 * throws (connection lost) may or may not have happened.
 */
export interface EventStore {
  /**
   * Reads events with a version above `after`. A stream that never existed has version 0. Of one that has ended, events may
   * be missing because they were archived.
   */
  readStream(stream: StreamId, after?: number): Promise<StreamRead>
  /**
   * As `readStream`, with less of each event, and from a baseline where the store keeps one and the whole stream is asked
   * for: on the path of every command whose aggregate is not remembered.
   */
  readHistory(stream: StreamId, after?: number): Promise<StreamHistory>
  commit(unit: Commit): Promise<CommitOutcome>
  findReply(tenant: string, key: string): Promise<StoredReply | undefined>
  /** Changes whenever positions may have been reused (restore, fail-over), also at run time: the last of `epochs`. */
  readonly epoch: string
  /** The lineage of the log, from its first epoch to the present one. */
  readonly epochs: readonly EpochStart[]
  /** Calls back when `epoch` has changed, with where the new one begins; returns the way to stop it. */
  onEpoch(listener: (start: EpochStart) => void): () => void
  /**
   * A reader of the whole log, in order of position. Where events were archived it refuses to go on from below them, with
   * DURE_LOG_ARCHIVED, unless it is told to `skip` them: for who looks for single events, or at what there is.
   */
  openLog(after: number, archived?: 'refuse' | 'skip'): LogReader
  /**
   * Calls back after each commit with appends made through this object, and soon after others have appended, other
   * processes among them; of those one call may stand for many commits, and one may get lost, so poll as well. Returns the
   * way to stop it.
   */
  onCommit(listener: () => void): () => void
}

/**
 * Reads the log by position, up to the settled mark: never skips an event, never repeats one, keeps each stream's order,
 * also while transactions that drew an earlier position are still open. One caller at a time.
 */
export interface LogReader {
  /**
   * The next events; empty when nothing more is settled now. All of them are of the epoch that the log had when the reader
   * was opened: once it has another, this rejects with DURE_STORE_EPOCH, for ever. `epochs` says then how far its user may
   * go on: whoever stands at or below each `began` since opens another reader where it stands, and whoever stands above
   * goes back to the lowest of them.
   */
  next(limit: number): Promise<readonly StoredEvent[]>
  /** Every position up to here has been returned or will never exist. */
  readonly mark: number
}
