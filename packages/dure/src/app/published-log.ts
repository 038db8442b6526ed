import type { EpochStart } from '../ports/event-store.ts'

/** Where the log of a context stands. */
export interface LogLineage {
  /** From its first epoch to the present one; at least one. */
  readonly epochs: readonly EpochStart[]
  /** Up to here events were moved into files; 0 where none were. */
  readonly archived: number
  /** The name of its system, where the process that was asked says it. */
  readonly system?: string
}

/** Some of what a context has published, in the order of the positions. */
export interface PublishedPage {
  readonly epochs: readonly EpochStart[]
  /** The messages as they stand on the bus: CloudEvents in JSON. */
  readonly messages: readonly string[]
  /** Everything that is published up to here is in `messages`. */
  readonly through: number
  /** Whether more was settled when it was read. */
  readonly more: boolean
}

/**
 * What a context serves of its log to the processes of other contexts, which hear it over the bus and ask here for what the
 * bus does not have. Nothing in it but what the contract publishes.
 */
export interface PublishedLog {
  lineage(): Promise<LogLineage>
  /** What is published after a position, of at most so many events of the log. @throws DURE_LOG_ARCHIVED */
  read(after: number, limit: number): Promise<PublishedPage>
  /** What was published of the event at a position; no message where the log has none there. */
  find(position: number): Promise<PublishedPage>
  /**
   * Resolves when the policies and views of the context have met everything that is stored now, to the position up to which
   * its log is settled then.
   */
  settled(): Promise<number>
}
