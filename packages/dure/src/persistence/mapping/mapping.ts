import type { AggregateDefinition } from '../../domain/aggregate-definition.ts'
import type { AggregateTables } from '../../ports/state-store.ts'
import { layOut, type Placed } from './layout.ts'
import type { Naming } from './naming.ts'
import { partsOf } from './parts.ts'
import { rowReader, type RowReader } from './read-rows.ts'
import { rowWriter, type RowWriter } from './write-rows.ts'

/** How the state of one aggregate stands in tables: compiled once, used for every command. */
export interface Mapping {
  readonly aggregate: string
  /** The names that were given; plain data, which makes the same mapping again. */
  readonly naming: Naming
  readonly tables: AggregateTables
  /** Where each field stands. */
  readonly parts: readonly Placed[]
  readonly write: RowWriter
  readonly read: RowReader
}

/**
 * Maps an aggregate's state to tables, by its fields and the names given.
 * @throws DURE_MAPPING_INVALID
 */
export function mappingOf({ name, state }: AggregateDefinition, naming: Naming = {}): Mapping {
  const layout = layOut(name, partsOf(state.fields), naming)
  return { aggregate: name, naming, ...layout, write: rowWriter(name, layout), read: rowReader(layout) }
}
