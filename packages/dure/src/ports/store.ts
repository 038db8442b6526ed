import type { ArchivedLog, LogArchiving, LogFollower } from './archive.ts'
import type { EventStore } from './event-store.ts'
import type { Inbox } from './inbox.ts'
import type { Leases } from './leases.ts'
import type { StoreMigration } from './migration.ts'
import type { KeptAggregate, StateStore } from './state-store.ts'
import type { Transacting } from './transact.ts'
import type { ViewStore } from './view-store.ts'

/** All that one context keeps. One object, because what is stored together must commit together. */
export interface ContextStore
  extends EventStore, Inbox, Leases, ViewStore, StateStore, Partial<Transacting>, Partial<ArchivedLog> {
  readonly context: string
  close(): Promise<void>
}

/** A setting of the database that a store works with, but not as it promises. */
export interface StorageWarning {
  /** As the database calls it: `synchronous_commit`. */
  readonly setting: string
  /** Its value. */
  readonly found: string
  /** What can happen, and what to do. */
  readonly advice: string
}

/** Opens the stores of a system: one per context, each with a schema, a log and migrations of its own. */
export interface Storage {
  /** Short and human: `memory`, `embedded .dure/postgres`, `postgres db.internal/shop`. Never holds a password. */
  readonly name: string
  /** What was found when the first context was opened; empty before. The host logs it, and readiness tells it. */
  readonly warnings?: readonly StorageWarning[]
  /**
   * Opens a context. `kept` says how its aggregates are kept besides their events; one that is not listed is kept as
   * events alone, without snapshots. Tables that are missing are made, or refused with DURE_STORE_UNMIGRATED by a storage
   * that was told to leave them alone; `contract` steps are never made here. `system` names the system that the context is
   * of: the first to say so has it, and another is refused with DURE_STORE_SCHEMA_TAKEN; absent, nothing is asked.
   */
  openContext(context: string, kept?: readonly KeptAggregate[], system?: string): Promise<ContextStore>
  /** The way to look at the tables of a context and change them, without opening it. `system` as above. */
  migration(context: string, kept?: readonly KeptAggregate[], system?: string): StoreMigration
  /**
   * The way to move old events of a context into files, where the store has one. `followers` are the policies and views that
   * the model has follow it; others are found by what the contexts of the system, `contexts`, have stored.
   */
  archiving?(
    context: string,
    followers: readonly LogFollower[],
    contexts: readonly string[],
    system?: string,
  ): LogArchiving
  /** Resolves when the store answers; rejects with DURE_STORE_UNAVAILABLE. For readiness. */
  ping(): Promise<void>
  /** What a store needs now and then: room ahead of need, old replies dropped. Called every hour by the host. */
  maintain(): Promise<void>
  close(): Promise<void>
}
