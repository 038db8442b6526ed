import type { Keeper } from '../app/aggregates/keeper.ts'
import { keepersOf } from '../app/open-contexts.ts'
import { isDureError } from '../kernel/error.ts'
import type { World } from '../kernel/world.ts'
import type { ContextDefinition } from '../model/context.ts'
import { asState } from '../persistence/as-state.ts'
import type { ContextStore } from '../ports/store.ts'
import { dataSteps, writtenPast, type DataStep } from './data-steps.ts'
import { changeMark, readMarks, type Mark } from './marks.ts'

/** The data steps that a context lacks: what its marks say against what its aggregates are to be. One read. */
export async function pendingData(
  context: ContextDefinition,
  keepers: ReadonlyMap<string, Keeper>,
  store: ContextStore,
  world: World,
): Promise<readonly DataStep[]> {
  const marks = await readMarks(store, [...keepers.keys()])
  const steps: DataStep[] = []
  for (const keeper of keepers.values()) {
    const mark = marks.get(keeper.aggregate.name) ?? {}
    const unkept = await hasUnkept(store, keeper, mark)
    steps.push(...dataSteps({ world, keeper, mark, unkept, former: former(context, keeper, mark) }))
  }
  return steps
}

/**
 * Notes which rules of uniqueness this program does not know though they are in force for others: from here on it may write
 * past them, so a later release has to look again.
 */
export async function notePastRules(
  keepers: ReadonlyMap<string, Keeper>,
  store: ContextStore,
  world: World,
): Promise<void> {
  const marks = await readMarks(store, [...keepers.keys()])
  for (const keeper of keepers.values()) {
    const past = writtenPast(keeper, marks.get(keeper.aggregate.name) ?? {})
    if (past.length === 0) continue
    await changeMark(store, world, keeper.aggregate.name, ({ doubtful = [], ...mark }) => ({
      ...mark,
      doubtful: [...new Set([...doubtful, ...past])],
    }))
  }
}

/** What the table's owner has written there since it was adopted. Asked only of a store that keeps the aggregate so. */
async function hasUnkept(store: ContextStore, { aggregate, keeping }: Keeper, mark: Mark): Promise<boolean> {
  if (keeping.adopt === undefined || mark.way !== 'state') return false
  return (await store.listUnkept(aggregate.name, undefined, 1)).length > 0
}

/**
 * An aggregate as it was mapped before, where its tables are to be left behind. Undefined where this release cannot read
 * them, because the state has changed as well.
 */
function former(context: ContextDefinition, { aggregate, keeping }: Keeper, mark: Mark): Keeper | undefined {
  const found = context.aggregates.find((it) => it.name === aggregate.name)
  if (keeping.way === 'state' || mark.way !== 'state' || found === undefined) return undefined
  try {
    const it = keepersOf(context, [asState(found, mark.mapping as never)]).get(aggregate.name)
    return it?.keeping.kept.shape === mark.shapes?.[0] ? it : undefined
  } catch (error) {
    if (isDureError(error, 'DURE_MAPPING_INVALID')) return undefined
    throw error
  }
}
