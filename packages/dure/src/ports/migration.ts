import type { EpochStart } from './event-store.ts'

/** One change of the tables. */
export interface MigrationStep {
  /** `schema`: Dure's own tables. `expand`: adds, harms nobody. `contract`: removes what only an older release uses. */
  readonly kind: 'schema' | 'expand' | 'contract'
  /** What it does, in a few words: `add column order.note`. */
  readonly what: string
  readonly sql: string
  /** Data is lost by it. */
  readonly destroys: boolean
}

/** Brings the tables of one context to what a program needs. */
export interface StoreMigration {
  /** The steps that are missing, in their order: schema, expand, contract. Changes nothing. */
  plan(): Promise<readonly MigrationStep[]>
  /**
   * Makes the missing steps of these kinds, each whole or not at all; processes that do it at once take turns, and a step
   * that another has made meanwhile is passed over. `onStep` is told of each before it is made.
   */
  apply(kinds: readonly MigrationStep['kind'][], onStep?: (step: MigrationStep) => void): Promise<void>
  /**
   * Says that what is stored was put back from a copy, which a store cannot always see by itself: begins a new epoch of the
   * log, for all who have it open. Undefined where nothing is stored yet.
   */
  restored(): Promise<EpochStart | undefined>
}
