import type { Pages } from '../source.ts'

/** What hands out the events of one source to all consumers of this process. */
export interface Feed extends Pages {
  /** Everything up to here has come. */
  readonly mark: number
  /** Resolves when what is settled in the log now has come, or the feed is closed. */
  look(): Promise<void>
  /** Where a later feed may begin for a consumer that has met everything up to a position; only a saving. */
  placeAt(position: number): string | undefined
  close(): void
}
