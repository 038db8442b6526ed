import type { StreamId } from './event-store.ts'

/** A message set aside because it cannot be handled; later ones of the same stream follow it. */
export interface ParkedMessage {
  readonly consumer: string
  readonly source: string
  readonly stream: StreamId
  readonly position: number
  readonly code: string
  readonly reason: string
  /** How often it was tried; 0 for one that waits behind another of its stream. */
  readonly tries: number
  /** A held message: until then it is left to a release that knows it, and counts as no error. */
  readonly heldUntil?: Date
}

/** Names a parked message. */
export type ParkedPlace = Pick<ParkedMessage, 'consumer' | 'source' | 'position'>

/** A parked message as it is kept. */
export interface ParkedRecord extends ParkedMessage {
  /** When it was set aside. */
  readonly at: Date
  /** When it was tried last; when it was set aside, if not since. */
  readonly triedAt: Date
  /** Somebody has asked for it to be tried, and nobody has yet. */
  readonly retry: boolean
}

/** What one consumer has parked of one stream: its messages are handled in their order, so the first one decides. */
export interface ParkedSequence {
  readonly first: ParkedRecord
  readonly count: number
}

/** Which parked messages are meant: those with all that is given; every one where nothing is. */
export interface ParkedFilter extends Partial<StreamId> {
  readonly consumer?: string
  readonly source?: string
}

/** What becomes of a parked message when it is tried. */
export type ParkedTry = Pick<ParkedRecord, 'tries' | 'triedAt' | 'code' | 'reason' | 'heldUntil'>

/**
 * What consumers have set aside. A message is parked by `Commit.parks`, together with the move of the watermark that says
 * it was met, and leaves by `Commit.unparks`, together with its effect; both happen once, whoever else tries.
 */
export interface Parking {
  /** In the order of their positions; at most `limit`, if given. */
  readParked(filter?: ParkedFilter, limit?: number): Promise<readonly ParkedRecord[]>
  /** One for each consumer, source and stream, in the order of the positions of the first. */
  readParkedSequences(filter?: ParkedFilter): Promise<readonly ParkedSequence[]>
  /** Asks for sequences to be tried, at the first message of each; resolves to how many there are. */
  requestRetry(filter: ParkedFilter): Promise<number>
  /**
   * Notes a try, if the message is parked and has been tried `seen` times; else resolves to false, because another process
   * was first. One that raises `tries` answers the request for it; a request that is made later stands.
   */
  noteTry(place: ParkedPlace, seen: number, now: ParkedTry): Promise<boolean>
}
