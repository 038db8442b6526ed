import type { EventStore } from './event-store.ts'
import type { Inbox } from './inbox.ts'
import type { StoreMigration } from './migration.ts'
import type { KeptAggregate, StateStore } from './state-store.ts'
import type { Transacting } from './transact.ts'
import type { ViewStore } from './view-store.ts'

/** All that one context keeps. One object, because what is stored together must commit together. */
export interface ContextStore extends EventStore, Inbox, ViewStore, StateStore, Partial<Transacting> {
  readonly context: string
  close(): Promise<void>
}

/** Opens the stores of a system: one per context, each with a schema, a log and migrations of its own. */
export interface Storage {
  /** Short and human: `memory`, `embedded .dure/postgres`, `postgres db.internal/shop`. Never holds a password. */
  readonly name: string
  /**
   * Opens a context. `kept` says how its aggregates are kept besides their events; one that is not listed is kept as
   * events alone, without snapshots. Tables that are missing are made, or refused with DURE_STORE_UNMIGRATED by a storage
   * that was told to leave them alone; `contract` steps are never made here.
   */
  openContext(context: string, kept?: readonly KeptAggregate[]): Promise<ContextStore>
  /** The way to look at the tables of a context and change them, without opening it. */
  migration(context: string, kept?: readonly KeptAggregate[]): StoreMigration
  /** Resolves when the store answers; rejects with DURE_STORE_UNAVAILABLE. For readiness. */
  ping(): Promise<void>
  /** What a store needs now and then: room ahead of need, old replies dropped. Called every hour by the host. */
  maintain(): Promise<void>
  close(): Promise<void>
}
