import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { createPostgres } from '../../../../../../scripts/services/instances.mjs'
import { createDatabase, type TestDatabase } from '../../../../test/fixtures/postgres-database.ts'
import { rejects } from '../../../../test/fixtures/postgres-tries/support.ts'
import { codeOf, running } from '../../../../test/fixtures/running.ts'
import { ordering } from '../../../../test/fixtures/shop.ts'
import { system } from '../../../model/system.ts'
import type { StorageWarning } from '../../../ports/store.ts'
import {
  append,
  commitTo,
  freshName,
  order,
  places,
  readUntil,
  unit,
} from '../../../testing/conformance/harness.ts'
import type { StoredEvent } from '../../../ports/event-store.ts'
import { postgresStorage } from '../postgres-storage.ts'

async function warningsOf(config: pg.PoolConfig): Promise<readonly StorageWarning[]> {
  const storage = postgresStorage({ pool: new pg.Pool(config), ownsPool: true })
  try {
    assert.deepEqual(storage.warnings, [])
    const store = await storage.openContext(freshName())
    assert.equal((await commitTo(store, order('1'), 0)).ok, true)
    return storage.warnings ?? []
  } finally {
    await storage.close()
  }
}

/** The code of the error that the store is refused with. */
async function refusal(config: pg.PoolConfig): Promise<unknown> {
  const storage = postgresStorage({ pool: new pg.Pool(config), ownsPool: true })
  return codeOf(storage.openContext(freshName())).finally(() => storage.close())
}

const briefly = (warnings: readonly StorageWarning[]): string[] =>
  warnings.map(({ setting, found }) => `${setting} = ${found}`)

describe.each([
  { server: 'PostgreSQL 15', variable: 'DURE_TEST_POSTGRES_URL' },
  { server: 'PostgreSQL 18', variable: 'DURE_TEST_POSTGRES_18_URL' },
])('what a session gets of $server', ({ variable }) => {
  let database: TestDatabase
  let name: string

  beforeAll(async () => {
    const url = process.env[variable]
    assert.ok(url, `${variable} is not set: npm run services -- up`)
    database = await createDatabase({ connectionString: url })
    name = new URL(String(database.config.connectionString)).pathname.slice(1)
  })

  afterAll(() => database?.drop())

  async function set(setting: string, value: string, run: () => Promise<void>): Promise<void> {
    await database.pool.query(`alter database ${name} set ${setting} = '${value}'`)
    try {
      await run()
    } finally {
      await database.pool.query(`alter database ${name} reset ${setting}`)
    }
  }

  it('raises no warning as it comes', async () => {
    assert.deepEqual(await warningsOf(database.config), [])
  })

  it.each([
    ['synchronous_commit', 'off'],
    ['default_transaction_isolation', 'serializable'],
    ['default_transaction_isolation', 'repeatable read'],
    ['statement_timeout', '250ms'],
    ['lock_timeout', '10ms'],
  ])('%s = %s is told, and the store works', (setting, value) =>
    set(setting, value, async () => {
      const warnings = await warningsOf(database.config)
      assert.deepEqual(briefly(warnings), [`${setting} = ${value}`])
      assert.match(warnings[0]?.advice ?? '', /: set /)
    }),
  )

  it.each([
    ['synchronous_commit', 'local'],
    ['statement_timeout', '5s'],
    ['lock_timeout', '1min'],
  ])('%s = %s is nothing to tell', (setting, value) =>
    set(setting, value, async () => assert.deepEqual(await warningsOf(database.config), [])),
  )

  it('the host logs what the store tells', () =>
    set('synchronous_commit', 'off', async () => {
      const it = await running(system('Orders', { contexts: [ordering] }), database.open())
      await it.host.close()
      const fields = it.log.find(([, message]) => message === 'the store is not as it should be')
      assert.deepEqual(fields?.slice(0, 1), ['warn'])
      assert.equal(fields?.[2]['setting'], 'synchronous_commit')
      assert.equal(fields?.[2]['found'], 'off')
    }))

  it('read only by default is refused', () =>
    set('default_transaction_read_only', 'on', async () =>
      assert.equal(await refusal(database.config), 'DURE_STORE_READ_ONLY'),
    ))

  it.each(['read committed', 'repeatable read', 'serializable'])(
    'many writers under %s store what is acknowledged, once, in order, and nothing else',
    (level) =>
      set('default_transaction_isolation', level, async () => {
        const { stored, read } = await manyWriters(database)
        assert.ok(stored.length > 100, `only ${stored.length}`)
        assert.deepEqual(read.map(({ place }) => place).toSorted(), stored)
        const positions = read.map(({ position }) => position)
        assert.deepEqual(
          positions,
          positions.toSorted((a, b) => a - b),
        )
      }),
  )
})

/** Twelve writers, each for a stream of its own and all for a common one, while the log is read. */
async function manyWriters(database: TestDatabase): Promise<{
  readonly stored: readonly string[]
  readonly read: readonly { readonly place: string; readonly position: number }[]
}> {
  const storage = database.open()
  try {
    const store = await storage.openContext(freshName())
    const stored = new Set<string>()
    const deadline = Date.now() + 2000
    const write = async (writer: number): Promise<void> => {
      const own = order(`${writer}`)
      const common = order('common')
      let version = 0
      while (Date.now() < deadline) {
        assert.equal((await commitTo(store, own, version)).ok, true)
        stored.add(`${own.id}/${++version}`)
        const { version: seen } = await store.readStream(common)
        const both = unit([append(common, seen), append(own, version)])
        if (!(await store.commit(both)).ok) continue
        stored.add(`common/${seen + 1}`)
        stored.add(`${own.id}/${++version}`)
      }
    }
    const writing = new AbortController()
    const reader = store.openLog(0)
    const events: StoredEvent[] = []
    const reading = (async () => {
      while (!writing.signal.aborted) events.push(...(await reader.next(100)))
    })()
    await Promise.all(Array.from({ length: 12 }, (_, writer) => write(writer)))
    writing.abort()
    await reading
    events.push(...(await readUntil(reader, (more) => events.length + more.length >= stored.size)))
    const read = places(events).map((place, i) => ({ place, position: events[i]?.position ?? 0 }))
    return { stored: [...stored].toSorted(), read }
  } finally {
    await storage.close()
  }
}

describe('what a server is', () => {
  let folder: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dure-server-'))
  })

  afterAll(() => rm(folder, { recursive: true, force: true }))

  it('one that syncs nothing and writes no full pages is told, loudly', async () => {
    const settings = { fsync: 'off', full_page_writes: 'off' }
    const server = await createPostgres({ major: 15, folder: join(folder, 'careless'), settings })
    await server.start()
    try {
      const warnings = await warningsOf({ connectionString: server.url })
      assert.deepEqual(briefly(warnings), ['fsync = off', 'full_page_writes = off'])
    } finally {
      await server.remove()
    }
  })

  it('a standby is refused, and welcome once it has taken over', async () => {
    const server = await createPostgres({ major: 15, folder: join(folder, 'standby') })
    await server.start()
    try {
      await server.stop()
      await writeFile(join(server.data, 'standby.signal'), '')
      await server.start()
      const storage = postgresStorage({ pool: new pg.Pool({ connectionString: server.url }), ownsPool: true })
      const context = freshName()
      await rejects(storage.openContext(context), 'DURE_STORE_READ_ONLY')
      const client = new pg.Client({ connectionString: server.url })
      await client.connect()
      await client.query('select pg_promote()')
      await client.end()
      const store = await storage.openContext(context)
      assert.equal((await commitTo(store, order('1'), 0)).ok, true)
      await storage.close()
    } finally {
      await server.remove()
    }
  })

  it('a database of another encoding is refused', async () => {
    const url = process.env['DURE_TEST_POSTGRES_URL']
    const admin = new pg.Client({ connectionString: url })
    await admin.connect()
    await admin.query(`create database dure_test_latin encoding 'LATIN1' template template0`)
    try {
      const latin = new URL(String(url))
      latin.pathname = 'dure_test_latin'
      assert.equal(await refusal({ connectionString: latin.href }), 'DURE_STORE_UNSUITABLE')
    } finally {
      await admin.query('drop database dure_test_latin with (force)')
      await admin.end()
    }
  })
})
