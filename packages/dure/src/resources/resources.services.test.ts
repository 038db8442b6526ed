import { createClient } from '@redis/client'
import { resource, type Attached, type Cache, type Database } from 'dure'
import { systemWorld } from 'dure/host'
import { cacheConformance, cachedFields, objectStoreConformance } from 'dure/testing/conformance'
import { afterAll, expect, it } from 'vitest'
import { createRedis } from '../../../../scripts/services/instances.mjs'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { attach } from './attach.ts'
import type { Attachments } from './attachments.ts'

const opened: Attachments[] = []
afterAll(async () => {
  for (const it of opened) await it.close()
})

const url = (variable: string): string => {
  const found = process.env[variable]
  if (found === undefined) throw new Error(`${variable} is not set: npm run services -- up`)
  return found
}

async function attached<T>(it: Attached<T>, values: Record<string, unknown>) {
  const attachments = await attach([it], values, systemWorld)
  opened.push(attachments)
  return { attachments, client: attachments.clients.get(it) as T }
}

const cached = resource.cache('cached', cachedFields, { timeoutMs: 1000 })
const files = resource.objectStore('files')
const legacy = resource.database('legacy')

const redis = async () => (await attached(cached, { CACHED_URL: url('DURE_TEST_REDIS_URL') })).client
const s3 = async () => (await attached(files, { FILES_URL: url('DURE_TEST_S3_URL') })).client

cacheConformance({ name: 'Redis', open: redis }, it)
objectStoreConformance({ name: 'S3', open: s3 }, it)

it('lists more keys than S3 tells at once', async () => {
  const store = await s3()
  const folder = `many-${Date.now()}`
  const keys = Array.from({ length: 1100 }, (_, i) => `${folder}/${String(i).padStart(5, '0')}`)
  for (let i = 0; i < keys.length; i += 50) {
    await Promise.all(keys.slice(i, i + 50).map((key) => store.put(key, 'x')))
  }
  expect(await store.list(`${folder}/`)).toEqual(keys)
  expect(await store.list(`${folder}/`, { limit: 1050 })).toEqual(keys.slice(0, 1050))
  for (let i = 0; i < keys.length; i += 50)
    await Promise.all(keys.slice(i, i + 50).map((it) => store.delete(it)))
})

it('wrong credentials and a bucket that is not there are refusals, and no secret is said', async () => {
  const right = new URL(url('DURE_TEST_S3_URL'))
  right.password = 'wrong-secret'
  const { client, attachments } = await attached(files, { FILES_URL: right.href })
  const error = await client.put('a', 'x').catch((it: Error) => it)
  expect(error).toMatchObject({ code: 'DURE_RESOURCE_REFUSED' })
  expect(String(error)).not.toContain('wrong-secret')
  expect((await attachments.problems()).required).toEqual([expect.stringMatching(/^files refused: 403/)])
  const elsewhere = url('DURE_TEST_S3_URL').replace(/\/dure$/, '/no-such-bucket')
  const none = await attached(files, { FILES_URL: elsewhere })
  await expect(none.client.get('a')).rejects.toMatchObject({ code: 'DURE_RESOURCE_REFUSED' })
})

it('a cache is used again after its Redis was killed and started, and says that its password is refused', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'dure-redis-'))
  const server = await createRedis({ folder })
  try {
    await server.start()
    const { client, attachments } = await attached(cached, { CACHED_URL: server.url })
    const cache: Cache<never> = client as never
    const value = { unit: 'KRW', at: new Date(0) } as never
    await cache.set('k', value, { ttlMs: 60_000 })
    expect(await attachments.problems()).toEqual({ required: [], optional: [] })
    await server.kill()
    const began = Date.now()
    await expect(cache.get('k')).rejects.toMatchObject({ code: 'DURE_RESOURCE_UNAVAILABLE' })
    expect(await cache.through('k', { ttlMs: 1000 }, async () => value)).toEqual(value)
    expect((await attachments.problems()).optional).toHaveLength(1)
    expect(Date.now() - began).toBeLessThan(4000)
    await server.start()
    await expect
      .poll(
        () =>
          cache.set('k', value, { ttlMs: 1000 }).then(
            () => 'set',
            () => 'away',
          ),
        { timeout: 10_000 },
      )
      .toBe('set')
    expect(await attachments.problems()).toEqual({ required: [], optional: [] })
    const admin = createClient({ url: server.url })
    await admin.connect()
    await admin.configSet('requirepass', 'right')
    admin.destroy()
    const refused = await attached(cached, { CACHED_URL: `redis://:wr0ng-pass@127.0.0.1:${server.port}` })
    await expect(refused.client.get('k')).rejects.toMatchObject({
      code: 'DURE_RESOURCE_UNAVAILABLE',
      message: 'cached cannot be used: Redis: WRONGPASS.',
    })
  } finally {
    await server.remove()
    rmSync(folder, { recursive: true, force: true })
  }
})

it('another PostgreSQL is asked in statements and transactions, and its no has a SQLSTATE and no values', async () => {
  const { client, attachments } = await attached(legacy, { LEGACY_URL: url('DURE_TEST_POSTGRES_URL') })
  const table = `legacy_${process.pid}_${Date.now()}`
  const sql: Database = client
  await sql.query(`create table ${table} (id int primary key)`)
  try {
    await sql.transaction((it) => it.query(`insert into ${table} values ($1), ($2)`, [1, 2]))
    const failed = sql.transaction(async (it) => {
      await it.query(`insert into ${table} values (3)`)
      await it.query(`insert into ${table} values ($1)`, [1])
    })
    await expect(failed).rejects.toMatchObject({
      code: 'DURE_RESOURCE_REFUSED',
      message: 'legacy refused: SQLSTATE 23505.',
      cause: { constraint: `${table}_pkey` },
    })
    expect(await sql.query(`select id from ${table} order by id`)).toEqual([{ id: 1 }, { id: 2 }])
    expect(await attachments.problems()).toEqual({ required: [], optional: [] })
  } finally {
    await sql.query(`drop table ${table}`)
  }
  const away = await attached(legacy, { LEGACY_URL: 'postgres://u:pa55word@127.0.0.1:1/x' })
  const error = await away.client.query('select 1').catch((it: unknown) => it as Error)
  expect(error).toMatchObject({ code: 'DURE_RESOURCE_UNAVAILABLE' })
  expect((error as Error).message).not.toContain('pa55word')
})

it('a broker is told and asked, and nobody there is said', async () => {
  const alerts = resource.broker('alerts')
  const { client, attachments } = await attached(alerts, { ALERTS_URL: url('DURE_TEST_NATS_URL') })
  const { connect } = await import('@nats-io/transport-node')
  const other = await connect({ servers: new URL(url('DURE_TEST_NATS_URL')).host })
  const subject = `dure.test.${process.pid}.${Date.now()}`
  const heard: unknown[] = []
  other.subscribe(subject, {
    callback: (_, message) => {
      heard.push(message.json())
      message.respond(JSON.stringify({ got: message.json() }))
    },
  })
  await other.flush()
  await client.publish(subject, { n: 1 })
  expect(await client.ask(subject, { n: 2 })).toEqual({ got: { n: 2 } })
  expect(heard).toEqual([{ n: 1 }, { n: 2 }])
  await expect(client.ask(`${subject}.nobody`, {}, { timeoutMs: 200 })).rejects.toMatchObject({
    code: 'DURE_RESOURCE_UNAVAILABLE',
  })
  expect(await attachments.problems()).toEqual({ required: [], optional: [] })
  await other.close()
})
