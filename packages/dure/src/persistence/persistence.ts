import type { AggregateDefinition } from '../domain/aggregate-definition.ts'
import type { Adopt } from './adoption.ts'
import type { Mapping } from './mapping/mapping.ts'

/**
 * When the state of a long stream is kept beside its events. `measured`: where loads are found to be slow; `every`: after
 * so many events.
 */
export type SnapshotPolicy = 'measured' | 'never' | { readonly every: number }

interface Way {
  readonly kind: 'persistence'
  /** @internal */
  readonly aggregate: AggregateDefinition
  /** @internal */
  readonly revision: number
}

/** An aggregate whose state stands in tables, changed in the commit of its events. */
export interface StatePersistence extends Way {
  readonly way: 'state'
  /** @internal */
  readonly mapping: Mapping
  /** @internal */
  readonly adopt?: Adopt
}

/** An aggregate that is its events. */
export interface EventsPersistence extends Way {
  readonly way: 'events'
  /** @internal */
  readonly snapshots: SnapshotPolicy
}

/** How one aggregate is kept: made by `asState` or `asEvents`. */
export type Persistence = StatePersistence | EventsPersistence
