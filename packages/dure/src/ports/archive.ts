/** A stretch of a log that is archived as one, both ends included. */
export interface LogPart {
  readonly from: number
  readonly to: number
}

/** A policy or view that reads the log, by the context that has it. */
export interface LogFollower {
  readonly context: string
  readonly consumer: string
}

/** Who still needs something of a part, and how far it has come; undefined where it has not begun. */
export interface FollowerBehind extends LogFollower {
  readonly through: number | undefined
}

/**
 * What can be done with a part. `young`: it holds an event that is not older than the limit. `unsettled`: a transaction
 * that is open may still write into it. `followed`: somebody has not come past it. `needed`: all of its events are.
 */
export type PartStanding = 'ready' | 'young' | 'unsettled' | 'followed' | 'needed'

/** A part as it is now. */
export interface StandingPart extends LogPart {
  readonly standing: PartStanding
  /** Events that it holds. */
  readonly events: number
  /** Those of them that nobody needs: all of ended aggregates of which nothing is parked. */
  readonly spare: number
  /** The time of its newest event; undefined where it holds none. */
  readonly newest: Date | undefined
  readonly behind: readonly FollowerBehind[]
}

/** A file that holds events for good. */
export interface ArchiveFile {
  /** Its name, without folders. */
  readonly file: string
  /** How many events were read back from it. */
  readonly events: number
  /** Of the file as it is, in hexadecimal. */
  readonly sha256: string
}

/** What was moved out of the log. */
export interface ArchivedPart extends LogPart, ArchiveFile {
  readonly epoch: string
}

/** What a file is written from. */
export interface ArchiveContents extends LogPart {
  /** Epoch of the log at the time. */
  readonly epoch: string
  /** Number of the events. */
  readonly events: number
  /** One JSON object for each event, in the order of their positions, with all of its columns and without line break. */
  readonly lines: AsyncIterable<string>
}

/**
 * Moves events that nobody needs out of the log of one context, and back into it. Parts are moved whole or not at all, and
 * who does it at once with another takes turns. Neither holds up who reads or appends for more than a moment.
 */
export interface LogArchiving {
  /**
   * The closed parts of the log, the oldest first: all but the one that is written to. Changes nothing.
   * @throws DURE_STORE_UNMIGRATED
   */
  parts(before: Date): Promise<readonly StandingPart[]>
  /**
   * Takes the spare events of a part out of the log once `keep` has made them durable elsewhere and read them back; if it
   * rejects, or tells of another number of events, nothing is changed. Undefined where the part is not `ready` any more.
   * @throws DURE_ARCHIVE_FAILED
   */
  archive(
    part: LogPart,
    before: Date,
    keep: (contents: ArchiveContents) => Promise<ArchiveFile>,
  ): Promise<ArchivedPart | undefined>
  /** What has been taken out and was not brought back, the oldest first. */
  archived(): Promise<readonly ArchivedPart[]>
  /**
   * Brings the events of a file back to their places. `sha256` says that it is the one that was written.
   * @throws DURE_ARCHIVE_FAILED for a file that this log does not miss
   */
  restore(file: Pick<ArchiveFile, 'file' | 'sha256'>, lines: AsyncIterable<string>): Promise<ArchivedPart>
}

/** A log that may lack events because they were archived. */
export interface ArchivedLog {
  /** Events up to here may be missing, 0 for none: whoever begins below does not find all that happened. */
  archivedTo(): Promise<number>
}
