import type { World } from '../kernel/world.ts'
import type { ContextDefinition } from '../model/context.ts'
import type { System } from '../model/system.ts'
import { keepingOf, refuseUnplaced, type Keeping } from '../persistence/keeping.ts'
import type { Persistence } from '../persistence/persistence.ts'
import type { KeptAggregate } from '../ports/state-store.ts'
import type { Storage } from '../ports/store.ts'
import { contextRuntime, type ContextRuntime } from './context-runtime.ts'
import { Keeper } from './aggregates/keeper.ts'

/** The ways of a context's aggregates into the store, by name. */
export function keepersOf(
  context: ContextDefinition,
  persistence: readonly Persistence[],
): ReadonlyMap<string, Keeper> {
  const aggregates = context.aggregates.map((it) => it.definition)
  const keepings = keepingOf(persistence, aggregates)
  return new Map(aggregates.map((it) => [it.name, new Keeper(it, keepings.get(it.name) as Keeping)]))
}

/** How a store is to keep them. */
export function keptOf(keepers: ReadonlyMap<string, Keeper>): readonly KeptAggregate[] {
  return Array.from(keepers.values(), (it) => it.keeping.kept)
}

/**
 * Refuses a persistence that does not fit the system.
 * @throws DURE_MAPPING_INVALID
 */
export function checkPersistence(system: System, persistence: readonly Persistence[]): void {
  refuseUnplaced(
    persistence,
    system.contexts.flatMap((it) => it.aggregates.map(({ definition }) => definition)),
  )
  for (const it of system.contexts) keepersOf(it, persistence)
}

/** Opens the contexts of a system on a storage. */
export async function openContexts(
  system: System,
  persistence: readonly Persistence[],
  storage: Storage,
  world: World,
  remember?: number,
): Promise<readonly ContextRuntime[]> {
  checkPersistence(system, persistence)
  return Promise.all(
    system.contexts.map(async (it) => {
      const keepers = keepersOf(it, persistence)
      const store = await storage.openContext(it.name, keptOf(keepers), system.name)
      return contextRuntime(it, store, world, keepers, remember)
    }),
  )
}
