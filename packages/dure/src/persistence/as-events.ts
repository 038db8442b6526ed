import { fault } from '../kernel/errors/fault.ts'
import { aggregateDefinition } from '../domain/handle.ts'
import type { AnyAggregate } from '../domain/aggregate.ts'
import { revisionOf } from './fingerprint.ts'
import type { EventsPersistence, SnapshotPolicy } from './persistence.ts'

/** How an aggregate is kept as events. */
export interface EventsOptions {
  /** When a state is kept to go on from; `measured` when absent. */
  readonly snapshots?: SnapshotPolicy
  /** Raise it where the same events come to mean another state by more than the handlers' own text. 0 when absent. */
  readonly revision?: number
}

/**
 * Keeps an aggregate as its events alone, which is the way of every aggregate that is not listed, with snapshots where
 * streams are long.
 * @throws DURE_MAPPING_INVALID
 */
export function asEvents(aggregate: AnyAggregate, options: EventsOptions = {}): EventsPersistence {
  const { snapshots = 'measured', revision } = options
  const definition = aggregateDefinition(aggregate)
  const where = `asEvents(${definition.name})`
  if (typeof snapshots === 'object' && !(Number.isSafeInteger(snapshots.every) && snapshots.every >= 1)) {
    const reason = `a snapshot every ${snapshots.every} events is not possible.`
    throw fault('DURE_MAPPING_INVALID', { where, reason, fix: 'Give a whole number from 1.' })
  }
  return {
    kind: 'persistence',
    way: 'events',
    aggregate: definition,
    revision: revisionOf(where, revision),
    snapshots,
  }
}
