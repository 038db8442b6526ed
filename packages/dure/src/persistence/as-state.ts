import type { AnyAggregate } from '../domain/aggregate.ts'
import { aggregateDefinition } from '../domain/handle.ts'
import type { Adopt, AdoptOf } from './adoption.ts'
import type { ListPathOf, PathOf } from './column-paths.ts'
import { revisionOf } from './fingerprint.ts'
import { mappingOf } from './mapping/mapping.ts'
import type { ChildNaming } from './mapping/naming.ts'
import type { StatePersistence } from './persistence.ts'

/** How the state of an aggregate stands in tables. Every name has a default. */
export interface StateOptions<A extends AnyAggregate> {
  /**
   * The table of the roots: `orders`, made and altered by Dure in the schema of the context, or with its schema
   * `crm.customers`, a table of somebody else's. The name of the aggregate in snake_case when absent.
   */
  readonly table?: string
  /** The column of the aggregate's id; `id` when absent. */
  readonly id?: string
  /** The column of the version that a row shows; `version` when absent. */
  readonly version?: string
  /** The column of the shape that a row was written in; `shape` when absent. */
  readonly shape?: string
  /** The column of the tenant, `tenant` when absent; false for a table without tenants. */
  readonly tenant?: string | false
  /**
   * Names of fields, whole: a column, for a list of entities its table, for a value object what stands before the names
   * of its columns (`''`: nothing).
   */
  readonly columns?: { readonly [P in PathOf<A['state']>]?: string }
  /** The columns of child tables that hold no field. */
  readonly children?: { readonly [P in ListPathOf<A['state']>]?: ChildNaming }
  /** Raise it where the same events come to mean another state: rows of an older one are folded again. 0 when absent. */
  readonly revision?: number
  /** The events of a row that was in somebody else's table before Dure came. */
  readonly adopt?: AdoptOf<A>
}

/**
 * Keeps the state of an aggregate in tables, in the commit of its events: a load reads rows instead of events, and SQL can
 * ask for what stands there. The events go to the log all the same.
 * @throws DURE_MAPPING_INVALID
 */
export function asState<A extends AnyAggregate>(
  aggregate: A,
  options: StateOptions<A> = {},
): StatePersistence {
  const definition = aggregateDefinition(aggregate)
  const { revision, adopt, ...naming } = options
  return {
    kind: 'persistence',
    way: 'state',
    aggregate: definition,
    revision: revisionOf(`asState(${definition.name})`, revision),
    mapping: mappingOf(definition, naming),
    ...(adopt !== undefined && { adopt: adopt as unknown as Adopt }),
  }
}
