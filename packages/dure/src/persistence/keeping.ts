import type { AggregateDefinition } from '../domain/aggregate-definition.ts'
import { fault } from '../kernel/errors/fault.ts'
import type { KeptAggregate } from '../ports/state-store.ts'
import type { Adopt } from './adoption.ts'
import { shapeOfRows, shapeOfSnapshots } from './fingerprint.ts'
import type { Mapping } from './mapping/mapping.ts'
import { tableText } from './mapping/table-names.ts'
import type { Persistence, SnapshotPolicy, StatePersistence } from './persistence.ts'

/** How one aggregate is kept, ready to work. */
export interface Keeping {
  readonly way: Persistence['way']
  /** What the store must know of it. */
  readonly kept: KeptAggregate
  /** Where its state stands in tables. */
  readonly mapping?: Mapping
  readonly revision: number
  readonly snapshots: SnapshotPolicy
  readonly adopt?: Adopt
}

/**
 * How each of some aggregates is kept, by name: those of one context, since names are unique only there. One that is not
 * listed is kept as events with measured snapshots; what is listed of other contexts is left to these.
 * @throws DURE_MAPPING_INVALID
 */
export function keepingOf(
  list: readonly Persistence[],
  aggregates: Iterable<AggregateDefinition>,
): ReadonlyMap<string, Keeping> {
  refuseTwice(list)
  const definitions = [...aggregates]
  const own = definitions.map((it) => [it, list.find((listed) => isOf(listed, it))] as const)
  const listed = new Set(own.map(([, it]) => it))
  refuseSharedTables(
    list.filter((it) => it.way === 'state').filter((it) => listed.has(it) || !it.mapping.tables.derived),
  )
  return new Map(own.map(([definition, it]) => [definition.name, keeping(definition, it)]))
}

/**
 * Refuses a list with an aggregate that is none of the system's.
 * @throws DURE_MAPPING_INVALID
 */
export function refuseUnplaced(
  list: readonly Persistence[],
  aggregates: Iterable<AggregateDefinition>,
): void {
  const definitions = [...aggregates]
  for (const it of list) {
    if (definitions.some((definition) => isOf(it, definition))) continue
    throw fault('DURE_MAPPING_INVALID', {
      where: textOf(it),
      reason: `no context of the system has the aggregate ${it.aggregate.name}.`,
      fix: 'Add the aggregate to the parts of a context, or remove the line.',
    })
  }
}

// The steps of a builder fork, so a definition may be listed at one step and in its context at a later one. All have the
// state of the first.
function isOf({ aggregate }: Persistence, definition: AggregateDefinition): boolean {
  return aggregate.state === definition.state
}

function keeping(definition: AggregateDefinition, it: Persistence | undefined): Keeping {
  const { name: aggregate } = definition
  if (it?.way !== 'state') {
    const { snapshots = 'measured', revision = 0 } = it ?? {}
    const kept = { aggregate, shape: shapeOfSnapshots(definition, revision) }
    return { way: 'events', kept, revision, snapshots }
  }
  const { mapping, revision, adopt } = it
  const shape = shapeOfRows(definition, mapping, revision)
  const kept = { aggregate, shape, tables: mapping.tables }
  return { way: 'state', kept, mapping, revision, snapshots: 'never', ...(adopt !== undefined && { adopt }) }
}

function refuseTwice(list: readonly Persistence[]): void {
  for (const [i, it] of list.entries()) {
    if (list.findIndex((other) => isOf(other, it.aggregate)) === i) continue
    throw fault('DURE_MAPPING_INVALID', {
      where: textOf(it),
      reason: `the aggregate ${it.aggregate.name} is listed twice.`,
      fix: 'Keep one of the lines.',
    })
  }
}

function refuseSharedTables(list: readonly StatePersistence[]): void {
  const owners = new Map<string, StatePersistence>()
  for (const it of list) {
    const { root, children } = it.mapping.tables
    for (const table of [root, ...children].map(tableText)) {
      const owner = owners.get(table)
      if (owner !== undefined) {
        throw fault('DURE_MAPPING_INVALID', {
          where: textOf(it),
          reason: `the table ${table} is taken by ${owner.aggregate.name}.`,
          fix: 'Give one of them another table: table: …, or columns: { … } for a list of entities.',
        })
      }
      owners.set(table, it)
    }
  }
}

function textOf({ way, aggregate }: Persistence): string {
  return `${way === 'state' ? 'asState' : 'asEvents'}(${aggregate.name})`
}
