import assert from 'node:assert/strict'
import { readFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { createPostgres, type Instance } from '../../../../../../scripts/services/instances.mjs'
import { rejects } from '../../../../test/fixtures/postgres-tries/support.ts'
import { isDureError } from '../../../kernel/error.ts'
import { commitTo, freshName, order } from '../../../testing/conformance/harness.ts'
import { postgresStorage } from '../postgres-storage.ts'

let folder: string
let server: Instance

async function sql(text: string, config: pg.ClientConfig = {}): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: server.url, ...config })
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}

/** Opens a context and commits to it. */
async function use(config: pg.PoolConfig, context = freshName(), system?: string): Promise<void> {
  const storage = postgresStorage({ pool: new pg.Pool(config), ownsPool: true })
  try {
    const store = await storage.openContext(context, [], system)
    assert.equal((await commitTo(store, order('1'), 0)).ok, true)
  } finally {
    await storage.close()
  }
}

/** The error that work rejects with, which must hold no password. */
async function errorOf(work: Promise<unknown>): Promise<{ code: string; message: string; hint?: string }> {
  const error: unknown = await work.then(
    () => assert.fail('it was to fail'),
    (it: unknown) => it,
  )
  assert.ok(isDureError(error), String(error))
  assert.doesNotMatch(`${error.message} ${error.hint} ${JSON.stringify(error.details)}`, /s3cret|wr0ng/)
  return error
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dure-bad-input-'))
  server = await createPostgres({ major: 15, folder: join(folder, 'server') })
  await server.start()
  await sql(`create role ann login password 's3cret'; create role guest login`)
  await sql('create database shop owner ann')
  const rules = join(server.data, 'pg_hba.conf')
  await writeFile(rules, `host all ann 127.0.0.1/32 scram-sha-256\n${await readFile(rules, 'utf8')}`)
  await sql('select pg_reload_conf()')
})

afterAll(async () => {
  await server?.remove()
  await rm(folder, { recursive: true, force: true })
})

const at = (database: string, user: string, password = ''): pg.PoolConfig => {
  const auth = password === '' ? user : `${user}:${password}`
  return { connectionString: `postgres://${auth}@127.0.0.1:${server.port}/${database}` }
}

describe('at the start', () => {
  it('the right password opens the store', () => assert.doesNotReject(use(at('shop', 'ann', 's3cret'))))

  it('a wrong password is told with the name of the user', async () => {
    const error = await errorOf(use(at('shop', 'ann', 'wr0ng')))
    assert.equal(error.code, 'DURE_STORE_UNAVAILABLE')
    assert.match(error.message, /password authentication failed for user "ann"/)
  })

  it('a password that is missing is told', async () => {
    const error = await errorOf(use(at('shop', 'ann')))
    assert.equal(error.code, 'DURE_STORE_UNAVAILABLE')
    assert.match(error.message, /password/)
  })

  it('a database that does not exist is told by its name', async () => {
    const error = await errorOf(use(at('shoop', 'ann', 's3cret')))
    assert.equal(error.code, 'DURE_STORE_UNAVAILABLE')
    assert.match(error.message, /"shoop" does not exist/)
  })

  it('a role that may not create schemas is refused, with the right that it lacks, and nothing is left', async () => {
    const context = freshName()
    const error = await errorOf(use(at('shop', 'guest'), context))
    assert.equal(error.code, 'DURE_STORE_REFUSED')
    assert.match(error.message, /permission denied for database shop/)
    assert.match(error.hint ?? '', /right to create/)
    const found = `select 1 from pg_namespace where nspname = '${context.toLowerCase()}'`
    assert.deepEqual(await sql(found, at('shop', 'postgres')), [])
  })

  it('a role that may not read the tables of another is refused', async () => {
    const context = freshName()
    await use(at('shop', 'ann', 's3cret'), context)
    const error = await errorOf(use(at('shop', 'guest'), context))
    assert.equal(error.code, 'DURE_STORE_REFUSED')
    assert.match(error.message, /permission denied/)
  })

  it('a server that is away is told, and found by the same storage once it is there', async () => {
    const away = await createPostgres({ major: 15, folder: join(folder, 'away') })
    const pool = new pg.Pool({ connectionString: away.url })
    const storage = postgresStorage({ pool, ownsPool: true })
    try {
      const error = await errorOf(storage.openContext('Ordering'))
      assert.equal(error.code, 'DURE_STORE_UNAVAILABLE')
      assert.match(error.message, /ECONNREFUSED/)
      await away.start()
      const store = await storage.openContext('Ordering')
      assert.equal((await commitTo(store, order('1'), 0)).ok, true)
    } finally {
      await storage.close()
      await away.remove()
    }
  })

  it('a schema that a newer Dure has migrated is refused, and stays as it is', async () => {
    const context = freshName()
    await use(at('shop', 'ann', 's3cret'), context)
    const schema = context.toLowerCase()
    const migrations = `select * from ${schema}.migrations order by 1`
    await sql(
      `insert into ${schema}.migrations select 999, 'later', checksum, now() from ${schema}.migrations limit 1`,
      at('shop', 'postgres'),
    )
    const before = await sql(migrations, at('shop', 'postgres'))
    await rejects(use(at('shop', 'ann', 's3cret'), context), 'DURE_STORE_NEWER')
    assert.deepEqual(await sql(migrations, at('shop', 'postgres')), before)
  })

  it('a second system that wants the same schema is refused, and the first goes on', async () => {
    const config = at('shop', 'ann', 's3cret')
    const context = freshName()
    const pool = new pg.Pool(config)
    const storage = postgresStorage({ pool, ownsPool: true })
    try {
      const store = await storage.openContext(context, [], 'Shop')
      assert.equal((await commitTo(store, order('1'), 0)).ok, true)
      const error = await errorOf(use(config, context, 'Bakery'))
      assert.equal(error.code, 'DURE_STORE_SCHEMA_TAKEN')
      assert.match(error.message, /system Shop/)
      assert.equal((await commitTo(store, order('1'), 1)).ok, true)
    } finally {
      await storage.close()
    }
  })

  it('a second system with a prefix of its own has the database with the first', async () => {
    const config = at('shop', 'ann', 's3cret')
    const context = freshName().slice(0, 20)
    await use(config, context, 'Shop')
    const storage = postgresStorage({ pool: new pg.Pool(config), ownsPool: true, schemaPrefix: 'bakery_' })
    try {
      const store = await storage.openContext(context, [], 'Bakery')
      assert.equal((await store.readStream(order('1'))).version, 0)
    } finally {
      await storage.close()
    }
  })
})

describe('while the store is open', () => {
  it('a server that turns read only makes commits fail as unavailable, and takes them again afterwards', async () => {
    const storage = postgresStorage({ pool: new pg.Pool(at('shop', 'ann', 's3cret')), ownsPool: true })
    try {
      const store = await storage.openContext(freshName())
      assert.equal((await commitTo(store, order('1'), 0)).ok, true)
      await sql(`alter system set default_transaction_read_only = on`)
      await sql(`select pg_reload_conf(), pg_sleep(0.2)`)
      await rejects(commitTo(store, order('1'), 1), 'DURE_STORE_UNAVAILABLE')
      assert.equal((await store.readStream(order('1'))).version, 1)
      await sql('alter system reset default_transaction_read_only')
      await sql(`select pg_reload_conf(), pg_sleep(0.2)`)
      assert.equal((await commitTo(store, order('1'), 1)).ok, true)
    } finally {
      await storage.close()
    }
  })
})
