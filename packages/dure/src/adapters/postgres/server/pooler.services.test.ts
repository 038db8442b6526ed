import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { createPgbouncer, type Instance } from '../../../../../../scripts/services/instances.mjs'
import {
  createDatabase,
  lateHarness,
  type TestDatabase,
} from '../../../../test/fixtures/postgres-database.ts'
import { tryManyWritersFor } from '../../../../test/fixtures/postgres-tries.ts'
import { opened, rejects } from '../../../../test/fixtures/postgres-tries/support.ts'
import { codeOf } from '../../../../test/fixtures/running.ts'
import { storageConformance } from '../../../testing/conformance/index.ts'
import { commitTo, freshName, order } from '../../../testing/conformance/harness.ts'
import { postgresStorage } from '../postgres-storage.ts'

const urlOf = (variable: string): string => {
  const url = process.env[variable]
  assert.ok(url, `${variable} is not set: npm run services -- up`)
  return url
}

const target = (): string => urlOf('DURE_TEST_POSTGRES_URL')

/** The code of the error that the store is refused with. */
async function refusal(config: pg.PoolConfig): Promise<unknown> {
  const storage = postgresStorage({ pool: new pg.Pool(config), ownsPool: true })
  return codeOf(storage.openContext(freshName())).finally(() => storage.close())
}

describe('PgBouncer 1.24 that pools transactions and passes prepared statements on', () => {
  let database: TestDatabase

  beforeAll(async () => {
    database = await createDatabase({ connectionString: urlOf('DURE_TEST_PGBOUNCER_URL') })
  })

  afterAll(() => database?.drop())

  describe('storage conformance', () => {
    storageConformance(
      lateHarness('pgbouncer', () => database),
      it,
    )
  })

  tryManyWritersFor(4000, it, () => database)

  it('raises no warning, and leaves no setting on the connections that others get', () =>
    opened(database, async ({ storage, store, sql }) => {
      store.onCommit(() => undefined)
      for (let version = 0; version < 20; version++) await commitTo(store, order('1'), version)
      assert.deepEqual(storage.warnings, [])
      const settings = await Promise.all(
        Array.from({ length: 40 }, () =>
          sql(`select current_setting('synchronous_commit') as commit, pg_sleep(0.02)`),
        ),
      )
      assert.deepEqual(new Set(settings.map(([row]) => row?.['commit'])), new Set(['on']))
    }))
})

describe('a pooler that does not pass prepared statements on', () => {
  let folder: string
  let database: TestDatabase

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dure-pooler-'))
    database = await createDatabase({ connectionString: urlOf('DURE_TEST_POSTGRES_URL') })
  })

  afterAll(async () => {
    await database?.drop()
    await rm(folder, { recursive: true, force: true })
  })

  async function behind(pooler: Instance, run: (config: pg.PoolConfig) => Promise<void>): Promise<void> {
    await pooler.start()
    try {
      const url = new URL(pooler.url)
      url.pathname = new URL(String(database.config.connectionString)).pathname
      await run({ connectionString: url.href })
    } finally {
      await pooler.remove()
    }
  }

  it.each([
    { version: '1.18' as const, settings: {} },
    { version: '1.24' as const, settings: { max_prepared_statements: 0 } },
    { version: '1.24' as const, settings: { max_prepared_statements: 0, default_pool_size: 1 } },
    { version: '1.24' as const, settings: { max_prepared_statements: 0, server_round_robin: 1 } },
  ])('PgBouncer $version with $settings is refused at the start', async ({ version, settings }) => {
    const pooler = await createPgbouncer({ version, target, settings, folder: join(folder, 'bad') })
    await behind(pooler, async (config) => assert.equal(await refusal(config), 'DURE_STORE_POOLER'))
  })

  it('is refused while others work through it, too', async () => {
    const settings = { max_prepared_statements: 0 }
    const pooler = await createPgbouncer({ target, settings, folder: join(folder, 'busy') })
    await behind(pooler, async (config) => {
      const others = new pg.Pool({ ...config, max: 8 })
      const working = new AbortController()
      const work = Array.from({ length: 8 }, async () => {
        while (!working.signal.aborted) await others.query('select pg_sleep(0.001)')
      })
      try {
        assert.equal(await refusal(config), 'DURE_STORE_POOLER')
      } finally {
        working.abort()
        await Promise.all(work)
        await others.end()
      }
    })
  })

  it.each([{ version: '1.18' as const }, { version: '1.24' as const }])(
    'PgBouncer $version works when it keeps a connection per session',
    async ({ version }) => {
      const settings = { pool_mode: 'session', ...(version === '1.24' && { max_prepared_statements: 0 }) }
      const pooler = await createPgbouncer({ version, target, settings, folder: join(folder, 'session') })
      await behind(pooler, (config) =>
        opened(
          database,
          async ({ store }) => {
            for (let version = 0; version < 5; version++) await commitTo(store, order('1'), version)
            assert.equal((await store.readStream(order('1'))).version, 5)
          },
          config,
        ),
      )
    },
  )

  it('what could not be seen at the start is named when a prepared statement is lost', async () => {
    const pool = new pg.Pool({ ...database.config, max: 1 })
    const storage = postgresStorage({ pool, ownsPool: true })
    try {
      const store = await storage.openContext(freshName())
      await commitTo(store, order('1'), 0)
      await commitTo(store, order('1'), 1)
      // On the one connection that there is.
      await pool.query('deallocate all')
      await rejects(commitTo(store, order('1'), 2), 'DURE_STORE_POOLER')
      // A new connection has them all.
      assert.equal((await commitTo(store, order('1'), 2)).ok, true)
      assert.equal((await store.readStream(order('1'))).version, 3)
    } finally {
      await storage.close()
    }
  })
})
