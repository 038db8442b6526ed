import { fault } from '../../kernel/errors/fault.ts'
import type { KeptAggregate } from '../../ports/state-store.ts'
import type { ContextStore, Storage } from '../../ports/store.ts'
import type { PgPool } from './pg-pool.ts'
import { PostgresContext } from './postgres-context.ts'
import { PostgresMigration } from './schema/postgres-migration.ts'
import { schemaName } from './schema-name.ts'
import { Session } from './session.ts'
import { storeError } from './store-error.ts'
import { Upkeep } from './upkeep.ts'

const OLDEST_VERSION = 15

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
  /** What messages call the store; made from the pool's host and database when absent. */
  readonly name?: string
}

/**
 * Keeps contexts in PostgreSQL 15 or newer, each in a schema of its own. A commit of one append, with or without a reply,
 * is one statement and one round trip; everything else is a transaction of a few. Statements are prepared per connection,
 * so a pooler in between must pass prepared statements on (PgBouncer 1.21 or newer does).
 *
 * `maintain` makes partitions ahead of need, drops replies older than two weeks and notices a fail-over, for every open
 * context; opening a context does the same for it.
 */
export function postgresStorage(options: PostgresStorageOptions): Storage {
  const { pool, schemaPrefix = '', ownsPool = false, migrations = 'apply', name = nameOf(pool) } = options
  const session = new Session(pool, name, ownsPool)
  const open = new Map<ContextStore, Upkeep>()
  let suitable: Promise<void> | undefined

  const checked = (): Promise<void> =>
    (suitable ??= checkServer(session).catch((error: unknown) => {
      suitable = undefined
      throw error
    }))

  async function openContext(context: string, kept: readonly KeptAggregate[] = []): Promise<ContextStore> {
    const schema = schemaName(context, schemaPrefix)
    await checked()
    const migration = new PostgresMigration(session, context, schema, kept)
    const tables = await migration.ready(migrations === 'apply')
    const upkeep = new Upkeep(session, context, schema)
    await upkeep.run()
    const onClose = (): boolean => open.delete(store)
    const store = new PostgresContext({ context, schema, session, upkeep, kept, tables, onClose })
    open.set(store, upkeep)
    return store
  }

  const coded = <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      throw storeError(error, name)
    })

  return {
    name,
    openContext: (context, kept) => coded(openContext(context, kept)),
    migration: (context, kept = []) =>
      new PostgresMigration(session, context, schemaName(context, schemaPrefix), kept),
    ping: () => coded(session.once('select 1').then(() => undefined)),
    async maintain() {
      session.checkOpen()
      await coded(Promise.all(Array.from(open.values(), (it) => it.run())))
    },
    async close() {
      await Promise.all(Array.from(open.keys(), (it) => it.close()))
      await coded(session.close())
    },
  }
}

/** Once per storage: what no migration could mend. */
async function checkServer(session: Session): Promise<void> {
  const [row] = await session.once<[version: string, encoding: string]>(
    `select current_setting('server_version'), current_setting('server_encoding')`,
  )
  const [version = '', encoding = ''] = row ?? []
  if (Number.parseInt(version, 10) < OLDEST_VERSION) {
    throw fault('DURE_STORE_VERSION', {
      store: session.store,
      found: version,
      needed: `${OLDEST_VERSION} or newer`,
    })
  }
  if (encoding !== 'UTF8') {
    const reason = `its encoding is ${encoding}; it must be UTF8`
    throw fault('DURE_STORE_UNSUITABLE', { store: session.store, reason })
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
