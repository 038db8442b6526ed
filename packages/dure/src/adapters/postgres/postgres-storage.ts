import type { KeptAggregate } from '../../ports/state-store.ts'
import type { ContextStore, Storage, StorageWarning } from '../../ports/store.ts'
import { PostgresArchiving } from './archive/postgres-archiving.ts'
import type { PgPool } from './pg-pool.ts'
import { Lineage } from './epochs/lineage.ts'
import { PostgresContext } from './postgres-context.ts'
import { type Owner, takeSchema } from './schema/owner.ts'
import { PostgresMigration } from './schema/postgres-migration.ts'
import { schemaName } from './schema-name.ts'
import { checkServer } from './server/server-checks.ts'
import { Session } from './session.ts'
import { storeError } from './store-error.ts'
import { Upkeep } from './upkeep.ts'
import { WakeLine } from './wake/wake-line.ts'

export interface PostgresStorageOptions {
  /** A `Pool` of the package `pg`. */
  readonly pool: PgPool
  /** Put before the names of all schemas, so that several systems can share a database: `shop_`. */
  readonly schemaPrefix?: string
  /** Whether closing the storage ends the pool. */
  readonly ownsPool?: boolean
  /**
   * What opening a context does about tables that are missing: makes them, or refuses with DURE_STORE_UNMIGRATED because
   * somebody else does, before this process starts. `apply` when absent.
   */
  readonly migrations?: 'apply' | 'refuse'
  /**
   * Whether processes tell each other of their commits, with LISTEN and NOTIFY; `true` when absent. It takes a connection of
   * the pool for as long as the storage is open, once a context has appended or is listened to. Without it, where the pool
   * has but one connection, and where LISTEN does not work (PgBouncer in transaction mode), others find what was appended
   * when they look next: the engine does so each second.
   */
  readonly wake?: boolean
  /** What messages call the store; made from the pool's host and database when absent. */
  readonly name?: string
}

/**
 * Keeps contexts in PostgreSQL 15 or newer, each in a schema of its own. A commit of one append, with or without a reply,
 * is one statement and one round trip; everything else is a transaction of a few. Statements are prepared per connection,
 * so a pooler in between must pass prepared statements on (PgBouncer 1.21 or newer does, with max_prepared_statements above
 * 0) or keep a connection per session; opening the first context looks, and refuses others with DURE_STORE_POOLER.
 *
 * Each new connection is looked at before its first use: where it leads to another server, to another timeline or to a log
 * that was put back, a new epoch begins before anything else is read or written. A pooler that keeps connections over a
 * fail-over hides that; then, and after a copy of the data folder was put back while no process ran, call `restored`.
 * Besides its statements a storage keeps one connection of the pool, see `wake`.
 *
 * `maintain` makes partitions ahead of need, drops replies older than two weeks and notices a fail-over, for every open
 * context; opening a context does the same for it.
 */
export function postgresStorage(options: PostgresStorageOptions): Storage {
  const { pool, schemaPrefix = '', ownsPool = false, migrations = 'apply', name = nameOf(pool) } = options
  const session = new Session(pool, name, ownsPool)
  const wake = (options.wake ?? true) && pool.options?.max !== 1 ? new WakeLine(session) : undefined
  const open = new Map<ContextStore, Upkeep>()
  const warnings: StorageWarning[] = []
  let suitable: Promise<void> | undefined

  const checked = (): Promise<void> =>
    (suitable ??= checkServer(session, pool.options?.max ?? 1).then(
      (found) => void warnings.push(...found),
      (error: unknown) => {
        suitable = undefined
        throw error
      },
    ))

  async function openContext(
    context: string,
    kept: readonly KeptAggregate[] = [],
    system?: string,
  ): Promise<ContextStore> {
    const schema = schemaName(context, schemaPrefix)
    const owner: Owner = { context, schema, system }
    await checked()
    const tables = await new PostgresMigration(session, owner, kept).ready(migrations === 'apply')
    const upkeep = new Upkeep(session, context, schema)
    const lineage = new Lineage(context, schema)
    session.guard.add(lineage)
    try {
      await upkeep.run()
      await takeSchema(session, owner)
    } catch (error) {
      session.guard.remove(lineage)
      throw error
    }
    const onClose = (): void => {
      session.guard.remove(lineage)
      open.delete(store)
    }
    const parts = { context, schema, session, upkeep, lineage, wake, kept, tables, onClose }
    const store = new PostgresContext(parts)
    open.set(store, upkeep)
    return store
  }

  const coded = <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      throw storeError(error, name)
    })

  return {
    name,
    warnings,
    openContext: (context, kept, system) => coded(openContext(context, kept, system)),
    migration: (context, kept = [], system) =>
      new PostgresMigration(session, { context, schema: schemaName(context, schemaPrefix), system }, kept),
    archiving: (context, followers, contexts, system) => {
      const schemas = new Map(contexts.map((it) => [it, schemaName(it, schemaPrefix)]))
      const owner = { context, schema: schemaName(context, schemaPrefix), system }
      return new PostgresArchiving(session, owner, { followers, schemas })
    },
    ping: () => coded(session.once('select 1').then(() => undefined)),
    async maintain() {
      session.checkOpen()
      await coded(Promise.all(Array.from(open.values(), (it) => it.run())))
    },
    async close() {
      await Promise.all(Array.from(open.keys(), (it) => it.close()))
      wake?.close()
      await coded(session.close())
    },
  }
}

/** Host and database only: a connection string may hold a password. */
function nameOf({ options = {} }: PgPool): string {
  let { host, database } = options
  if (options.connectionString !== undefined && URL.canParse(options.connectionString)) {
    const url = new URL(options.connectionString)
    host = url.searchParams.get('host') ?? url.hostname
    database = decodeURIComponent(url.pathname.slice(1))
  }
  return `postgres ${host || 'localhost'}/${database || 'postgres'}`
}
