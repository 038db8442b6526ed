import type { EventStore } from './event-store.ts'
import type { Inbox } from './inbox.ts'
import type { ViewStore } from './view-store.ts'

/** All that one context keeps. One object, because what is stored together must commit together. */
export interface ContextStore extends EventStore, Inbox, ViewStore {
  readonly context: string
  close(): Promise<void>
}

/** Opens the stores of a system: one per context, each with a schema, a log and migrations of its own. */
export interface Storage {
  /** Short and human: `memory`, `embedded .dure/postgres`, `postgres db.internal/shop`. Never holds a password. */
  readonly name: string
  /** Creates or migrates what the context needs, then opens it. */
  openContext(context: string): Promise<ContextStore>
  /** Resolves when the store answers; rejects with DURE_STORE_UNAVAILABLE. For readiness. */
  ping(): Promise<void>
  /** What a store needs now and then: room ahead of need, old replies dropped. Called every hour by the host. */
  maintain(): Promise<void>
  close(): Promise<void>
}
