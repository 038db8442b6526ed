import assert from 'node:assert/strict'
import pg from 'pg'
import { afterEach, beforeEach, describe, it, vi } from 'vitest'
import { createDatabase, type TestDatabase } from '../../../../test/fixtures/postgres-database.ts'
import { rejects } from '../../../../test/fixtures/postgres-tries/support.ts'
import type { KeptAggregate, StateColumn } from '../../../ports/state-store.ts'
import { append, freshName, order, unit } from '../../../testing/conformance/harness.ts'
import { postgresStorage } from '../postgres-storage.ts'

vi.setConfig({ testTimeout: 40_000 })

const growing = ['schema', 'expand'] as const
const names = ['customer', 'shop', 'note']

const keeping = (indexed: boolean): readonly KeptAggregate[] => {
  const columns = names.map((name): StateColumn => ({ name, kind: 'text', indexed }))
  const root = {
    name: 'order',
    tenant: 'tenant',
    keys: ['id'],
    version: 'version',
    shape: 'shape',
    columns,
  }
  return [{ aggregate: 'Order', shape: 's', tables: { derived: true, root, children: [] } }]
}

const advisory = `select objid from pg_locks where locktype = 'advisory'
  and database = (select oid from pg_database where datname = current_database())`

describe('indexes made through a PgBouncer that pools transactions', () => {
  let database: TestDatabase
  let direct: pg.Pool
  let context: string

  beforeEach(async () => {
    const url = process.env['DURE_TEST_PGBOUNCER_URL']
    const server = process.env['DURE_TEST_POSTGRES_URL']
    assert.ok(url && server, 'DURE_TEST_PGBOUNCER_URL is not set: npm run services -- up')
    database = await createDatabase({ connectionString: url })
    const straight = new URL(server)
    straight.pathname = new URL(String(database.config.connectionString)).pathname
    direct = new pg.Pool({ connectionString: straight.href, max: 4 })
    direct.on('error', () => undefined)
    context = freshName()
    const storage = postgresStorage({ pool: direct })
    await storage.openContext(context, keeping(false))
    await storage.close()
  })

  afterEach(async () => {
    await direct?.end()
    await database?.drop()
  })

  /** Makes what is missing, with a pool of so many connections. */
  async function migrate(max: number, told: string[] = [], pool = database.config): Promise<void> {
    const storage = postgresStorage({ pool: new pg.Pool({ ...pool, max }), ownsPool: true })
    try {
      await storage.migration(context, keeping(true)).apply(growing, (it) => told.push(it.what))
    } finally {
      await storage.close()
    }
  }

  it('take turns, are made once, and leave no lock and no setting behind', async () => {
    const others = new pg.Pool({ ...database.config, max: 8 })
    const working = new AbortController()
    const work = Array.from({ length: 8 }, async () => {
      while (!working.signal.aborted) await others.query('select pg_sleep(0.002)')
    })
    const told: string[] = []
    try {
      await Promise.all([1, 2, 3, 4].map(() => migrate(5, told)))
      const settings = await Promise.all(
        Array.from({ length: 40 }, () =>
          others.query(`select current_setting('application_name'), pg_sleep(0.02),
          (select string_agg(name, ',') from pg_settings where name like '%\\_timeout' and source = 'session') as set`),
        ),
      )
      assert.deepEqual(new Set(settings.map(({ rows }) => rows[0].set)), new Set([null]))
    } finally {
      working.abort()
      await Promise.all(work)
      await others.end()
    }
    assert.deepEqual(told.toSorted(), names.map((it) => `create index on order.${it}`).toSorted())
    assert.deepEqual((await direct.query(advisory)).rows, [])
  })

  it('wait for a writer, and keep nobody waiting who migrates directly meanwhile', async () => {
    const writer = await direct.connect()
    const storage = postgresStorage({ pool: direct })
    const store = await storage.openContext(context, keeping(false))
    const state = { from: 0, root: ['ann', 'x', 'y'], children: [], whole: true }
    await store.commit(unit([{ ...append(order('1'), 0), state }]))
    await writer.query(`begin; update ${context.toLowerCase()}."order" set customer = 'bob'`)
    const told: string[] = []
    const all = Promise.all([
      migrate(4, told),
      storage.migration(context, keeping(true)).apply(growing, (it) => told.push(it.what)),
    ])
    await new Promise((resolve) => setTimeout(resolve, 500))
    await writer.query('commit')
    writer.release()
    await all
    await storage.close()
    assert.equal(told.length, 3)
    assert.deepEqual((await direct.query(advisory)).rows, [])
  })

  it('are refused where the role ends long statements, which could not be lifted', async () => {
    const name = new URL(String(database.config.connectionString)).pathname.slice(1)
    await direct.query(`alter database ${name} set lock_timeout = '9s'`)
    await rejects(migrate(5), 'DURE_STORE_MIGRATION_POOLED')
    // Directly it can.
    const url = new URL(String(direct.options.connectionString))
    await migrate(1, [], { connectionString: url.href })
    assert.deepEqual((await direct.query(advisory)).rows, [])
  })

  it('are refused to a pool that has no connection for the lock', async () => {
    await rejects(migrate(2), 'DURE_STORE_MIGRATION_POOLED')
    const { rows } = await direct.query(advisory)
    assert.deepEqual(rows, [])
  })
})
