import type { Attached } from '../model/attached/attached.ts'

/** What stands behind the settings and resources of a system. */
export interface Attachments {
  /** By what declares it: the values of settings, the client of a resource. */
  readonly clients: ReadonlyMap<Attached<unknown>, unknown>
  /** Names of resources that stand in memory, since their URL is not set. */
  readonly inMemory: readonly string[]
  /** What is away, in words: what the process cannot do without, and what it can. */
  problems(): Promise<{ readonly required: readonly string[]; readonly optional: readonly string[] }>
  close(): Promise<void>
}

/** A client that has been made, and how to look after it. */
export interface Connected<T> {
  readonly client: T
  /** Rejects when the service does not answer. */
  ping(): Promise<void>
  close(): Promise<void>
}
