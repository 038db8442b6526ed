import { fault } from '../../../kernel/errors/fault.ts'
import type { MigrationStep, StoreMigration } from '../../../ports/migration.ts'
import type { KeptAggregate } from '../../../ports/state-store.ts'
import { lockSchema, migrate, missingMigrations } from '../migrate.ts'
import type { Session, Transaction } from '../session.ts'
import type { KeptTables } from '../state/kept-tables.ts'
import { storeError } from '../store-error.ts'
import { type Catalog, readCatalog, readForeignCatalog, tablesOfAll } from './catalog.ts'
import { contract } from './contract.ts'
import { expand } from './expand.ts'
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
  readonly #kept: readonly KeptAggregate[]

  constructor(session: Session, context: string, schema: string, kept: readonly KeptAggregate[]) {
    this.#session = session
    this.#context = context
    this.#schema = schema
    this.#kept = kept
  }

  async plan(): Promise<readonly MigrationStep[]> {
    return this.#coded(async () => (await this.#look(this.#session)).steps.map(toldOf))
  }

  async apply(kinds: Kinds, onStep: OnStep = () => undefined): Promise<void> {
    await this.#coded(() => this.#apply(kinds, onStep))
  }

  /**
   * The tables of all aggregates that have some, made first if `make` is given.
   * @throws DURE_STORE_UNMIGRATED
   */
  async ready(make: boolean): Promise<ReadonlyMap<string, KeptTables>> {
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

  /**
   * An index is made beside writers, which takes its time and no transaction. Those that want the same take turns by a lock
   * of the connection, and look for it now and then: who waited for it inside a statement would be waited for by the index.
   */
  #makeApart(planned: PlannedStep, kinds: Kinds, onStep: (step: PlannedStep) => void): Promise<void> {
    const key = `hashtextextended('dure index ' || $1, 0)`
    return this.#session.lend(async (connection) => {
      for (;;) {
        const [row] = await connection.once<[string]>(`select pg_try_advisory_lock(${key})`, [this.#schema])
        if (row?.[0] === 't') break
        await connection.once(PAUSE)
      }
      try {
        const step = await this.#next(connection, kinds)
        // Another has been first.
        if (step?.what !== planned.what || step.apart === undefined) return
        onStep(step)
        await connection.once('set statement_timeout = 0; set lock_timeout = 0')
        try {
          for (const statement of step.apart) await connection.once(statement)
        } finally {
          await connection.once('reset statement_timeout; reset lock_timeout')
        }
      } finally {
        await connection.once(`select pg_advisory_unlock(${key})`, [this.#schema])
      }
    })
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
