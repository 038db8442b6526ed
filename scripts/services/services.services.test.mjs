import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { services } from './all.mjs'
import { createKafka, createNats, createPgbouncer, createPostgres } from './instances.mjs'
import { askKafka } from './kafka/ask.mjs'
import { askNats } from './nats/ask.mjs'

const urlOf = (name) => process.env[services.find((it) => it.name === name).variable]

async function ask(url, text) {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}

async function pidOf(client) {
  return (await client.query('select pg_backend_pid() as pid')).rows[0].pid
}

describe('the servers of npm run services', () => {
  it.each(services.map(({ name }) => name))('%s answers and says its version', async (name) => {
    const service = services.find((it) => it.name === name)
    const found = await service.look()
    expect(found?.url).toBe(process.env[service.variable])
    expect(found.version).toMatch(/^\d+\.\d+/)
  })

  it.each([
    ['postgres-15', 15],
    ['postgres-18', 18],
  ])('%s is of that version, syncs what it commits and can be subscribed to', async (name, major) => {
    const [row] = await ask(
      urlOf(name),
      `select current_setting('server_version_num')::int / 10000 as major, current_setting('fsync') as fsync,
        current_setting('wal_level') as wal, current_setting('server_encoding') as encoding`,
    )
    expect(row).toEqual({ major, fsync: 'on', wal: 'logical', encoding: 'UTF8' })
  })

  it.each([
    ['nats', /^2\.1\d\./],
    ['nats-2.9', /^2\.9\./],
  ])('%s is of that version and has JetStream on files', async (name, version) => {
    const { info, jetStream } = await askNats(urlOf(name))
    expect(info.version).toMatch(version)
    expect(info.max_payload).toBe(1024 * 1024)
    expect(jetStream.type).toBe('io.nats.jetstream.api.v1.account_info_response')
  })

  it('pgbouncer gives one client other servers from transaction to transaction', async () => {
    const one = new pg.Client({ connectionString: urlOf('pgbouncer') })
    const other = new pg.Client({ connectionString: urlOf('pgbouncer') })
    await Promise.all([one.connect(), other.connect()])
    try {
      const pids = new Set()
      for (let i = 0; i < 20 && pids.size < 2; i++) {
        pids.add(await pidOf(one))
        await other.query('begin')
        await pidOf(other)
        pids.add(await pidOf(one))
        await other.query('commit')
      }
      expect(pids.size).toBeGreaterThan(1)
    } finally {
      await Promise.all([one.end(), other.end()])
    }
  })
})

/** A connection made while the socket of a killed process is still being closed is reset. */
const unanswered = expect.stringMatching(/^ECONN(?:REFUSED|RESET)$/)

describe('a server of one’s own', () => {
  let folder
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'dure-instances-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it.each([15, 18])('PostgreSQL %i keeps its data over a kill, and begins anew when wiped', async (major) => {
    const server = await createPostgres({ major, folder: join(folder, `postgres-${major}`) })
    expect(await server.probe()).toBeUndefined()
    expect(await server.start()).toMatch(new RegExp(`^${major}\\.`))
    try {
      const { pid, url } = server
      expect(await server.start()).toMatch(new RegExp(`^${major}\\.`))
      expect(server.pid).toBe(pid)
      await ask(url, 'create table kept (n int); insert into kept values (7)')
      await server.kill()
      expect(server.pid).toBeUndefined()
      await expect(ask(url, 'select 1')).rejects.toMatchObject({ code: unanswered })
      await server.start()
      expect(server.url).toBe(url)
      expect(await ask(url, 'select n from kept')).toEqual([{ n: 7 }])
      await expect(server.wipe()).rejects.toMatchObject({ code: 'DURE_REPO_SERVICE_RUNS' })
      await server.stop()
      await server.wipe()
      await server.start()
      expect(await ask(url, `select to_regclass('kept') as kept`)).toEqual([{ kept: null }])
    } finally {
      await server.remove()
    }
    expect(server.pid).toBeUndefined()
  })

  it.each(['current', '2.9'])('NATS %s starts on the same port again after a kill', async (version) => {
    const server = await createNats({ version, folder: join(folder, `nats-${version}`) })
    try {
      const found = await server.start()
      await server.kill()
      await expect(askNats(server.url)).rejects.toMatchObject({ code: unanswered })
      expect(await server.start()).toBe(found)
    } finally {
      await server.remove()
    }
  })

  it('a Kafka of one’s own starts on the same port again after a kill', async () => {
    const server = await createKafka({ folder: join(folder, 'kafka') })
    try {
      const found = await server.start()
      expect(await askKafka(server.url)).toBe(1)
      await server.kill()
      await expect(askKafka(server.url)).rejects.toMatchObject({ code: unanswered })
      expect(await server.start()).toBe(found)
    } finally {
      await server.remove()
    }
  })

  it('a Kafka says what to install where there is no Java', async () => {
    const server = await createKafka({ folder: join(folder, 'no-java') })
    vi.stubEnv('PATH', folder)
    try {
      await expect(server.start()).rejects.toThrow(/DURE_REPO_NO_JAVA[^]*Java 17[^]*install/)
    } finally {
      vi.unstubAllEnvs()
    }
  })

  it('a PgBouncer of one’s own leads to the server it is told', async () => {
    const place = { folder: join(folder, 'pgbouncer'), target: urlOf('postgres-15') }
    const server = await createPgbouncer({ ...place, version: '1.18' })
    try {
      expect(await server.start()).toMatch(/^1\.18\./)
      expect(await ask(server.url, 'select 1 as one')).toEqual([{ one: 1 }])
      await server.stop()
      expect(server.pid).toBeUndefined()
    } finally {
      await server.remove()
    }
  })

  it('a server that cannot start says why, and leaves nothing behind', async () => {
    const settings = { shared_buffers: 'plenty' }
    const server = await createPostgres({ major: 15, folder: join(folder, 'wrong'), settings })
    try {
      await expect(server.start()).rejects.toThrow(/DURE_REPO_SERVICE_START[^]*shared_buffers/)
      expect(server.pid).toBeUndefined()
    } finally {
      await server.remove()
    }
  })
})
