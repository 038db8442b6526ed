import type { ParkedMessage, StreamId } from './event-store.ts'

/** Where a consumer stands in one source. */
export interface InboxState {
  /** Epoch of the source's log that the watermarks belong to; undefined before the first message. */
  readonly epoch: string | undefined
  /** Last handled position per slice; a slice not listed stands at 0. */
  readonly slices: ReadonlyMap<number, number>
  readonly through: number
  /** Streams with a parked message: later messages of theirs are parked behind it. */
  readonly parked: readonly StreamId[]
}

/**
 * What makes effects happen once: a watermark per (consumer, source context, slice), moved by compare-and-set in the
 * transaction of the effect (`Commit.inbox`).
 */
export interface Inbox {
  readInbox(consumer: string, source: string): Promise<InboxState>
  /** The parked messages of a consumer and a source, or of all where none is named; in the order of their positions. */
  readParked(consumer?: string, source?: string): Promise<readonly ParkedMessage[]>
  /** Forgets a consumer: its watermarks, its parked messages and the rows of the view it kept, in one transaction. */
  forgetConsumer(consumer: string, view?: string): Promise<void>
}
