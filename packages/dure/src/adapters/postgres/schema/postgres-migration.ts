import { fault } from '../../../kernel/errors/fault.ts'
import type { EpochStart } from '../../../ports/event-store.ts'
import type { MigrationStep, StoreMigration } from '../../../ports/migration.ts'
import type { KeptAggregate } from '../../../ports/state-store.ts'
import { lockSchema, migrate, missingMigrations } from '../migrate.ts'
import { quoted } from '../schema-name.ts'
import type { Session, Transaction } from '../session.ts'
import type { KeptTables } from '../state/kept-tables.ts'
import { storeError } from '../store-error.ts'
import { makeApart } from './apart.ts'
import { type Catalog, readCatalog, readForeignCatalog, tablesOfAll } from './catalog.ts'
import { contract } from './contract.ts'
import { expand } from './expand.ts'
import { checkOwner, type Owner } from './owner.ts'
import { type PlannedStep, toldOf } from './planned-step.ts'

type Kinds = readonly MigrationStep['kind'][]
type OnStep = (step: MigrationStep) => void

// Who waits for a table's lock holds up everybody behind; better to give way and come again.
const LOCK_TIMEOUT_MS = 500
const MAX_TRIES = 120
const PAUSE = 'select pg_sleep(0.1)'

/** What is there and what is missing. */
interface Plan {
  readonly steps: readonly PlannedStep[]
  /** By aggregate, as they are once the steps are made. */
  readonly tables: ReadonlyMap<string, KeptTables>
}

/** Compares the tables of one context with what a program needs, and brings them there. */
export class PostgresMigration implements StoreMigration {
  readonly #session: Session
  readonly #context: string
  readonly #schema: string
  readonly #owner: Owner
  readonly #kept: readonly KeptAggregate[]

  constructor(session: Session, owner: Owner, kept: readonly KeptAggregate[]) {
    this.#session = session
    this.#owner = owner
    this.#context = owner.context
    this.#schema = owner.schema
    this.#kept = kept
  }

  async plan(): Promise<readonly MigrationStep[]> {
    return this.#coded(async () => {
      await checkOwner(this.#session, this.#owner)
      return (await this.#look(this.#session)).steps.map(toldOf)
    })
  }

  async apply(kinds: Kinds, onStep: OnStep = () => undefined): Promise<void> {
    await this.#coded(async () => {
      await checkOwner(this.#session, this.#owner)
      await this.#apply(kinds, onStep)
    })
  }

  restored(): Promise<EpochStart | undefined> {
    return this.#coded(async () => {
      await checkOwner(this.#session, this.#owner)
      const missing = await missingMigrations(this.#session, this.#context, this.#schema)
      if (missing.length > 0) {
        if (missing[0]?.what.startsWith('create schema')) return undefined
        throw this.#unmigrated(missing)
      }
      const [begun] = await this.#session.once(`select 1 from ${quoted(this.#schema)}.meta`)
      if (begun === undefined) return undefined
      const start = await this.#session.lend((connection) =>
        this.#session.guard.restored(connection, this.#context, this.#schema),
      )
      await this.#session.verify()
      return start
    })
  }

  /**
   * The tables of all aggregates that have some, made first if `make` is given.
   * @throws DURE_STORE_UNMIGRATED
   */
  async ready(make: boolean): Promise<ReadonlyMap<string, KeptTables>> {
    await checkOwner(this.#session, this.#owner)
    for (let made = false; ; made = true) {
      const { steps, tables } = await this.#look(this.#session, false)
      if (steps.length === 0) return tables
      if (!make || made) throw this.#unmigrated(steps)
      await this.#apply(['schema', 'expand'], () => undefined)
    }
  }

  async #look(queries: Pick<Session, 'once'>, contracts = true): Promise<Plan> {
    const schemaSteps = await missingMigrations(queries, this.#context, this.#schema)
    const mapped = tablesOfAll(this.#kept).length > 0
    let catalog: Catalog = new Map()
    if (schemaSteps.length > 0) catalog = await readForeignCatalog(queries, this.#schema, this.#kept)
    else if (mapped || contracts) catalog = await readCatalog(queries, this.#schema, this.#kept)
    const tables = new Map<string, KeptTables>()
    const steps: PlannedStep[] = [...schemaSteps]
    for (const it of this.#kept) {
      if (it.tables === undefined) continue
      const expansion = expand(this.#schema, this.#context, it, it.tables, catalog)
      steps.push(...expansion.steps)
      tables.set(it.aggregate, expansion.tables)
    }
    if (contracts) steps.push(...contract(this.#schema, this.#kept, catalog))
    return { steps, tables }
  }

  async #apply(kinds: Kinds, onStep: OnStep): Promise<void> {
    if (kinds.includes('schema')) {
      await migrate(this.#session, this.#context, this.#schema, undefined, onStep)
    } else {
      const missing = await missingMigrations(this.#session, this.#context, this.#schema)
      if (missing.length > 0 && kinds.includes('expand')) throw this.#unmigrated(missing)
      if (missing.length > 0) return
    }
    const others = kinds.filter((it) => it !== 'schema')
    if (others.length === 0) return
    const told = new Set<string>()
    const tellOnce = (step: PlannedStep): void => {
      if (!told.has(step.what)) onStep(toldOf(step))
      told.add(step.what)
    }
    for (let tries = 1; ;) {
      try {
        const next = await this.#makeNext(others, tellOnce)
        if (next === 'nothing') return
        if (next !== 'made') await this.#makeApart(next, others, tellOnce)
        tries = 1
      } catch (error) {
        if ((error as { code?: unknown }).code !== '55P03' || tries++ >= MAX_TRIES) throw error
        await this.#session.once(PAUSE)
      }
    }
  }

  /** One step in a transaction of its own; a step that cannot be is handed back. */
  #makeNext(kinds: Kinds, onStep: (step: PlannedStep) => void): Promise<'made' | 'nothing' | PlannedStep> {
    return this.#session.transaction(async (tx: Transaction) => {
      await lockSchema(tx, this.#schema)
      const step = await this.#next(tx, kinds)
      if (step === undefined) return 'nothing'
      if (step.apart !== undefined) return step
      onStep(step)
      await tx.once(`set local lock_timeout = ${LOCK_TIMEOUT_MS}`)
      await tx.once(step.sql)
      return 'made'
    })
  }

  async #next(queries: Pick<Session, 'once'>, kinds: Kinds): Promise<PlannedStep | undefined> {
    const { steps } = await this.#look(queries, kinds.includes('contract'))
    return steps.find((it) => kinds.includes(it.kind))
  }

  #makeApart({ what }: PlannedStep, kinds: Kinds, onStep: (step: PlannedStep) => void): Promise<void> {
    const make = async (connection: Transaction): Promise<void> => {
      const step = await this.#next(connection, kinds)
      // Another has been first.
      if (step?.what !== what || step.apart === undefined) return
      onStep(step)
      for (const statement of step.apart) await connection.once(statement)
    }
    return makeApart(this.#session, { schema: this.#schema, what, make })
  }

  #unmigrated(steps: readonly MigrationStep[]): Error {
    return fault('DURE_STORE_UNMIGRATED', { context: this.#context, steps: steps.map((it) => it.what) })
  }

  #coded<T>(work: () => Promise<T>): Promise<T> {
    return work().catch((error: unknown) => {
      throw storeError(error, this.#session.store)
    })
  }
}
