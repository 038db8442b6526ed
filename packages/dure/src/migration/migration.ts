import { checkPersistence, keepersOf, keptOf } from '../app/open-contexts.ts'
import type { Keeper } from '../app/aggregates/keeper.ts'
import type { World } from '../kernel/world.ts'
import type { ContextDefinition } from '../model/context.ts'
import type { System } from '../model/system.ts'
import type { Persistence } from '../persistence/persistence.ts'
import type { MigrationStep } from '../ports/migration.ts'
import type { ContextStore, Storage } from '../ports/store.ts'
import { dataSteps, type DataStep } from './data-steps.ts'
import { changeMark, readMarks } from './marks.ts'
import { pendingData } from './pending.ts'
import { verifyRows, type Verified, type Verifying } from './verify.ts'
import type { Progress } from './walk.ts'

/** One step of a migration, as it is shown. */
export interface PlannedStep {
  readonly context: string
  readonly kind: MigrationStep['kind'] | DataStep['kind']
  readonly what: string
  /** What is executed, for a change of tables. */
  readonly sql?: string
  /** To be made once no older release runs. */
  readonly last: boolean
  /** Data is lost by it. */
  readonly destroys: boolean
}

export interface Applying {
  /** No older release runs: what only it uses is removed, and what it may have written past a new rule is looked at. */
  readonly contract?: boolean
  /** No older release runs, but what it has used stays. */
  readonly alone?: boolean
  readonly onStep?: (step: PlannedStep) => void
  readonly onProgress?: (step: PlannedStep, progress: Progress) => void
}

/** Brings tables and data of a system to what its model and persistence ask, while older releases go on running. */
export interface Migration {
  /** The aggregates that are kept in tables, by name. */
  readonly inTables: readonly string[]
  /** What is missing: expand, then data, then contract, of every context. Changes nothing. */
  plan(): Promise<readonly PlannedStep[]>
  /** Makes what is missing. Several processes at once take turns at tables; data steps are safe to make twice. */
  apply(options?: Applying): Promise<void>
  /** Compares the rows of every aggregate kept in tables with its events. */
  verify(options?: Verifying & { readonly only?: readonly string[] }): Promise<ReadonlyMap<string, Verified>>
}

/**
 * The migration of a system on a storage.
 * @throws DURE_MAPPING_INVALID
 */
export function migrationOf(
  system: System,
  persistence: readonly Persistence[],
  storage: Storage,
  world: World,
): Migration {
  checkPersistence(system, persistence)
  const each = system.contexts.map((it) => new ContextMigration(it, persistence, storage, world, system.name))
  return {
    inTables: each.flatMap((it) => it.inTables),
    async plan() {
      return (await Promise.all(each.map((it) => it.plan()))).flat()
    },
    async apply(options = {}) {
      for (const it of each) await it.apply(options)
    },
    async verify(options = {}) {
      const found = new Map<string, Verified>()
      for (const it of each)
        for (const [name, verified] of await it.verify(options)) found.set(name, verified)
      return found
    },
  }
}

class ContextMigration {
  readonly #context: ContextDefinition
  readonly #storage: Storage
  readonly #world: World
  readonly #system: string
  readonly #keepers: ReadonlyMap<string, Keeper>

  constructor(
    context: ContextDefinition,
    persistence: readonly Persistence[],
    storage: Storage,
    world: World,
    system: string,
  ) {
    this.#context = context
    this.#storage = storage
    this.#world = world
    this.#system = system
    this.#keepers = keepersOf(context, persistence)
  }

  get inTables(): readonly string[] {
    return [...this.#keepers.values()].filter((it) => it.mapped).map((it) => it.aggregate.name)
  }

  async plan(): Promise<readonly PlannedStep[]> {
    const tables = await this.#tables().plan()
    const shown = tables.map((it) => this.#shown(it))
    const before = shown.filter((it) => it.kind !== 'contract')
    const data = (await this.#dataSteps(tables)).toSorted((a, b) => Number(a.last) - Number(b.last))
    return [...before, ...data.map((it) => this.#shown(it)), ...shown.filter((it) => it.kind === 'contract')]
  }

  async apply(options: Applying): Promise<void> {
    const { contract = false, alone = contract, onStep } = options
    const tell = (it: MigrationStep): void => onStep?.(this.#shown(it))
    await this.#tables().apply(['schema', 'expand'], tell)
    await this.#make(false, alone, options)
    if (alone) await this.#make(true, alone, options)
    if (contract) await this.#remove(tell)
  }

  /** Steps are planned anew for each half: one of the first may have made one of the second superfluous. */
  async #make(last: boolean, alone: boolean, { onStep, onProgress }: Applying): Promise<void> {
    const steps = (await this.#dataSteps([])).filter((it) => it.last === last)
    for (const step of steps) {
      const shown = this.#shown(step)
      onStep?.(shown)
      const store = await this.#open([step.as])
      try {
        await step.run(store, (progress) => onProgress?.(shown, progress), alone)
      } finally {
        await store.close()
      }
    }
  }

  /** Tables that are gone hold no rows of any shape: whoever wants them again has to fill them. */
  async #remove(tell: (step: MigrationStep) => void): Promise<void> {
    await this.#tables().apply(['contract'], tell)
    const left = [...this.#keepers.values()].filter((it) => !it.mapped).map((it) => it.aggregate.name)
    const store = await this.#open([])
    try {
      for (const [name, { way, shapes }] of await readMarks(store, left)) {
        if (way !== 'events' || !shapes?.length) continue
        await changeMark(store, this.#world, name, (mark) => ({ ...mark, shapes: [], mapping: {} }))
      }
    } finally {
      await store.close()
    }
  }

  async verify(
    options: Verifying & { readonly only?: readonly string[] },
  ): Promise<readonly [string, Verified][]> {
    const mapped = [...this.#keepers.values()].filter(
      ({ mapped, aggregate }) => mapped && (options.only?.includes(aggregate.name) ?? true),
    )
    const store = await this.#open(mapped)
    try {
      const found: [string, Verified][] = []
      for (const it of mapped) found.push([it.aggregate.name, await verifyRows(store, it, options)])
      return found
    } finally {
      await store.close()
    }
  }

  // Where tables are missing, what they hold is not there to be asked: all that could be to do is shown.
  async #dataSteps(tables: readonly MigrationStep[]): Promise<readonly DataStep[]> {
    if (tables.some((it) => it.kind === 'schema')) {
      return [...this.#keepers.values()].flatMap((keeper) =>
        dataSteps({ world: this.#world, keeper, mark: {}, unkept: true, former: undefined }),
      )
    }
    const there = tables.some((it) => it.kind === 'expand') ? [] : [...this.#keepers.values()]
    const store = await this.#open(there)
    try {
      return await pendingData(this.#context, this.#keepers, store, this.#world)
    } finally {
      await store.close()
    }
  }

  #tables(): ReturnType<Storage['migration']> {
    return this.#storage.migration(this.#context.name, keptOf(this.#keepers), this.#system)
  }

  #open(keepers: readonly Keeper[]): Promise<ContextStore> {
    const kept = keepers.map((it) => it.keeping.kept)
    return this.#storage.openContext(this.#context.name, kept, this.#system)
  }

  #shown(it: MigrationStep | DataStep): PlannedStep {
    const context = this.#context.name
    if (!('sql' in it)) return { context, kind: it.kind, what: it.what, last: it.last, destroys: false }
    const { kind, what, sql, destroys } = it
    return { context, kind, what, sql, last: kind === 'contract', destroys }
  }
}
