import type { StreamId } from './event-store.ts'
import type { ParkedRecord, Parking } from './parking.ts'

/** Where a consumer stands in one source. */
export interface InboxState {
  /** Epoch of the source's log that the watermarks belong to; undefined before the first message. */
  readonly epoch: string | undefined
  /** Last handled position per slice; a slice not listed stands at 0. */
  readonly slices: ReadonlyMap<number, number>
  readonly through: number
  /** The last `place` that a move has given. */
  readonly place?: string
  /** Streams with a parked message: later messages of theirs are parked behind it. */
  readonly parked: readonly StreamId[]
}

/** Watermarks that are taken over from one epoch of a log to a later one. */
export interface EpochAdoption {
  readonly consumer: string
  readonly source: string
  readonly from: string
  readonly to: string
  /** The last position that both epochs share: what lies above it is not in the log any more. */
  readonly clampTo: number
}

/**
 * What makes effects happen once: a watermark per (consumer, source context, slice), moved by compare-and-set in the
 * transaction of the effect (`Commit.inbox`).
 */
export interface Inbox extends Parking {
  readInbox(consumer: string, source: string): Promise<InboxState>
  /**
   * Puts the watermarks of a consumer under a later epoch, in one transaction: those above `clampTo` go back to it, as
   * `through` does, `place` with it is forgotten, and what is parked from above it is removed and returned. Undefined, and
   * nothing is changed, if the watermarks are not of the epoch `from`: another process was first.
   */
  adoptEpoch(adoption: EpochAdoption): Promise<readonly ParkedRecord[] | undefined>
  /** Forgets a consumer: its watermarks, its parked messages and the rows of the view it kept, in one transaction. */
  forgetConsumer(consumer: string, view?: string): Promise<void>
}
