import assert from 'node:assert/strict'
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, it, vi } from 'vitest'
import { createDatabase, type TestDatabase } from '../../../../test/fixtures/postgres-database.ts'
import { rejects } from '../../../../test/fixtures/postgres-tries/support.ts'
import { readArchive, writeArchive } from '../../../cli/archive/archive-files.ts'
import type { ArchiveContents, ArchiveFile, LogArchiving, LogFollower } from '../../../ports/archive.ts'
import type { LogReader, StoredEvent } from '../../../ports/event-store.ts'
import type { ContextStore, Storage } from '../../../ports/store.ts'
import {
  append,
  freshName,
  noon,
  order,
  places,
  readUntil,
  unit,
} from '../../../testing/conformance/harness.ts'
import { embeddedStorage, type EmbeddedStorage } from '../../embedded/index.ts'
import { postgresStorage } from '../postgres-storage.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const later = new Date(noon.getTime() + 1)

let directory: string
let folder: string
let server: EmbeddedStorage
let database: TestDatabase
let storage: Storage
let context: string
let schema: string
let store: ContextStore

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'dure-test-'))
  server = await embeddedStorage({ directory })
  database = await createDatabase({ ...server.connection })
})

afterAll(async () => {
  await database?.drop()
  await server?.close()
  await rm(directory, { recursive: true, force: true })
})

/** Ten positions a part: three closed ones, with events of orders that have ended (`a`, `b`) and of one that lives. */
beforeEach(async () => {
  folder = await mkdtemp(join(directory, 'files-'))
  context = freshName()
  schema = context.toLowerCase()
  const first = database.open()
  await first.openContext(context)
  await first.close()
  await sql(
    `update ${schema}.meta set partition_size = 10; drop table ${schema}.events_0; drop table ${schema}.events_1`,
  )
  storage = database.open()
  store = await storage.openContext(context)
  for (const id of ['a', 'b', 'lives']) await store.commit(unit([append(order(id), 0, 5)]))
  for (const id of ['a', 'b']) await store.commit(unit([{ ...append(order(id), 5, 2), ends: true }]))
  for (let n = 0; n < 15; n++) await store.commit(unit([append(order('lives'), 5 + n)]))
})

afterEach(() => storage.close())

const sql = async (text: string, values?: unknown[]): Promise<Record<string, unknown>[]> =>
  (await database.pool.query(text, values)).rows

const archiving = (followers: readonly LogFollower[] = [], of = storage): LogArchiving => {
  const it = of.archiving?.(context, followers, [context])
  assert.ok(it)
  return it
}

const toFile = (contents: ArchiveContents): Promise<ArchiveFile> =>
  writeArchive(folder, { system: 'S', context }, contents, noon)

const readAll = (reader: LogReader): Promise<StoredEvent[]> => readUntil(reader, () => false, 1000, 50)

const log = async (): Promise<string[]> => places(await readAll(store.openLog(0, 'skip')))

/** All that the tables of the log hold. */
const stored = (): Promise<Record<string, unknown>[]> =>
  sql(`select e.*, data::text as text from ${schema}.events e order by position`)

const standings = async (it = archiving()): Promise<string[]> =>
  (await it.parts(later)).map(({ from, to, standing, spare }) => `${from}-${to} ${standing} ${spare}`)

const followed = (through: number, epoch = store.epoch): Promise<unknown> =>
  sql(
    `insert into ${schema}.cursors (consumer, source, epoch, through) values ('view:v', $1, $2, $3)
on conflict (consumer, source) do update set epoch = excluded.epoch, through = excluded.through`,
    [context, epoch, through],
  )

async function archiveAll(it = archiving()): Promise<void> {
  for (const part of await it.parts(later)) await it.archive(part, later, toFile)
}

describe('archiving', () => {
  it('takes what belongs to ended streams out of closed parts, into files with all columns', async () => {
    const before = await stored()
    assert.deepEqual(await standings(), ['0-9 ready 9', '10-19 ready 5', '20-29 needed 0'])
    await archiveAll()
    const after = await stored()
    const ids = new Set(after.map((row) => row['id']))
    assert.deepEqual([...ids], ['lives'])
    assert.deepEqual(
      after,
      before.filter((row) => row['id'] === 'lives'),
    )
    const files = (await readdir(folder)).filter((it) => it.endsWith('.gz')).toSorted()
    assert.deepEqual(files, [
      `${context}-${store.epoch}-0-9.jsonl.gz`,
      `${context}-${store.epoch}-10-19.jsonl.gz`,
    ])
    const lines = await all((await readArchive(folder, files[0] ?? '', context)).lines)
    const columns = Object.keys(before[0] ?? {}).filter((it) => it !== 'text')
    assert.deepEqual(Object.keys(JSON.parse(lines[0] ?? '') as object), columns)
    const manifest = JSON.parse(
      await readFile(join(folder, `${files[0]}.json`), 'utf8'),
    ) as Partial<ArchiveFile>
    assert.equal(manifest.events, 9)
    assert.deepEqual(
      (await archiving().archived()).map(({ from, to, events, sha256 }) => [from, to, events, sha256.length]),
      [
        [0, 9, 9, 64],
        [10, 19, 5, 64],
      ],
    )
  })

  it('changes nothing for those who stand beyond, and refuses who begins below', async () => {
    const reader = store.openLog(19)
    await archiveAll()
    assert.equal(await store.archivedTo?.(), 19)
    assert.equal((await store.readHistory(order('lives'))).events.length, 20)
    assert.deepEqual(await store.readStream(order('a')), { version: 7, ended: true, events: [] })
    assert.equal((await store.commit(unit([append(order('lives'), 20)]))).ok, true)
    assert.equal((await store.commit(unit([append(order('a'), 7)]))).ok, false)
    assert.equal((await readAll(reader)).at(-1)?.version, 21)
    for (const after of [0, 18]) await rejects(store.openLog(after).next(10), 'DURE_LOG_ARCHIVED')
    assert.equal((await readAll(store.openLog(19)))[0]?.stream.id, 'lives')
    const skipping = store.openLog(0, 'skip')
    assert.equal((await skipping.next(3)).length, 3)
    assert.equal((await readAll(skipping)).at(-1)?.version, 21)
  })

  it('a reader that is on its way when events leave is refused, and does not pass over them', async () => {
    const reader = store.openLog(0)
    assert.equal((await reader.next(4)).length, 4)
    await archiveAll()
    await rejects(reader.next(4), 'DURE_LOG_ARCHIVED')
  })

  it('a second run does nothing, and one after more has ended writes another file', async () => {
    await archiveAll()
    const files = await readdir(folder)
    const before = await stored()
    await archiveAll()
    assert.deepEqual(await readdir(folder), files)
    assert.deepEqual(await stored(), before)
    await store.commit(unit([{ ...append(order('lives'), 20), ends: true }]))
    await archiveAll()
    assert.deepEqual(
      (await readdir(folder)).filter((it) => it.endsWith('-2.jsonl.gz')),
      [`${context}-${store.epoch}-10-19-2.jsonl.gz`],
    )
    const archived = await archiving().archived()
    assert.equal(archived.reduce((sum, it) => sum + it.events, 0) + (await log()).length, 35)
    assert.equal(archived.length, 4)
  })

  it('puts back what was archived, as it was', async () => {
    const before = await stored()
    await archiveAll()
    for (const it of await archiving().archived()) {
      const { lines } = await readArchive(folder, it.file, context)
      await archiving().restore(it, lines)
    }
    assert.deepEqual(await stored(), before)
    assert.equal(await store.archivedTo?.(), 0)
    assert.equal((await readAll(store.openLog(0))).length, 34)
    await rejects(archiving().restore({ file: 'x', sha256: 'x' }, linesFrom([])), 'DURE_ARCHIVE_FAILED')
  })

  it('a file that lacks lines is not put back', async () => {
    await archiveAll()
    const before = await stored()
    const [it] = await archiving().archived()
    assert.ok(it)
    const lines = await all((await readArchive(folder, it.file, context)).lines)
    await rejects(archiving().restore(it, linesFrom(lines.slice(1))), 'DURE_ARCHIVE_FAILED')
    assert.deepEqual(await stored(), before)
  })
})

describe('archiving keeps', () => {
  it.each([
    ['a follower that the model has and that has not begun', undefined, '0-9 followed 9'],
    ['a follower that stands before the end of the part', 8, '0-9 followed 9'],
    ['a follower that has come past it', 9, '0-9 ready 9'],
  ])('what is followed: %s', async (_, through, expected) => {
    if (through !== undefined) await followed(through)
    assert.equal((await standings(archiving([{ context, consumer: 'view:v' }])))[0], expected)
  })

  it('what is followed under another epoch, or by one that the model does not have', async () => {
    await followed(1000, 'another')
    const [part] = await archiving().parts(later)
    assert.equal(part?.standing, 'followed')
    assert.deepEqual(part.behind, [{ context, consumer: 'view:v', through: undefined }])
    assert.equal(await archiving().archive(part, later, toFile), undefined)
    assert.equal((await log()).length, 34)
  })

  it('all of a stream of which something is parked', async () => {
    await sql(
      `insert into ${schema}.parked (consumer, source, position, tenant, aggregate, id, code, reason, at)
values ('view:v', $1, 3, '', 'Order', 'a', 'C', 'r', now())`,
      [context],
    )
    await archiveAll()
    assert.deepEqual(new Set((await log()).map((it) => it.split('/')[0])), new Set(['a', 'lives']))
  })

  it('what is not older than the limit', async () => {
    const [part] = await archiving().parts(noon)
    assert.equal(part?.standing, 'young')
    assert.equal(await archiving().archive(part, noon, toFile), undefined)
  })

  it('what is ended while the file is written', async () => {
    const [part] = await archiving().parts(later)
    assert.ok(part)
    const gone: string[] = []
    await archiving().archive(part, later, async (contents) => {
      await store.commit(unit([{ ...append(order('lives'), 20), ends: true }]))
      const lines = await all(contents.lines)
      gone.push(...lines.map((it) => (JSON.parse(it) as { id: string }).id))
      return { file: 'f', events: lines.length, sha256: 's' }
    })
    assert.equal(gone.length, 9)
    assert.ok(!gone.includes('lives'))
    assert.equal((await log()).length, 34 - 9 + 1)
  })
})

describe('archiving that is interrupted leaves everything as it was', () => {
  it.each([
    ['before the file is written', () => Promise.reject(new RangeError('disk'))],
    [
      'after the file is written',
      async (it: ArchiveContents) => {
        await toFile(it)
        throw new RangeError('power')
      },
    ],
    ['with fewer events in the file', async (it: ArchiveContents) => ({ ...(await toFile(it)), events: 1 })],
  ])('%s', async (_, keep) => {
    const before = await stored()
    const [part] = await archiving().parts(later)
    assert.ok(part)
    await assert.rejects(archiving().archive(part, later, keep))
    assert.deepEqual(await stored(), before)
    assert.equal(await store.archivedTo?.(), 0)
    await archiveAll()
    assert.equal((await log()).length, 20)
    // What was left over is the same file, or none.
    assert.equal((await readdir(folder)).filter((it) => it.endsWith('.gz')).length, 2)
  })

  it.each(['detach partition', 'drop table', 'insert into .*archives', 'commit'])(
    'where the connection is lost at %s',
    async (statement) => {
      const before = await stored()
      const pool = new pg.Pool({ ...database.config, max: 4 })
      pool.on('error', () => undefined)
      let armed = false
      pool.on('connect', (client) => cutAt(client, new RegExp(statement), () => armed))
      const other = postgresStorage({ pool, ownsPool: true, wake: false })
      const [part] = await archiving([], other).parts(later)
      assert.ok(part)
      armed = true
      await rejects(archiving([], other).archive(part, later, toFile), 'DURE_STORE_UNAVAILABLE')
      armed = false
      await other.close()
      assert.deepEqual(await stored(), before)
      await archiveAll()
      assert.equal((await log()).length, 20)
    },
  )
})

describe('archiving beside others', () => {
  it('two at once take turns: one archives each part, the other finds nothing left', async () => {
    const parts = await archiving().parts(later)
    const other = database.open()
    try {
      const done = await Promise.all(
        [storage, other].flatMap((of) => parts.map((it) => archiving([], of).archive(it, later, toFile))),
      )
      assert.equal(done.filter((it) => it !== undefined).length, 2)
      assert.equal((await log()).length, 20)
    } finally {
      await other.close()
    }
  })

  it('appends and readers go on while the file is written, and while the log is in use it waits for its moment', async () => {
    const [part] = await archiving().parts(later)
    assert.ok(part)
    const holder = await database.pool.connect()
    const archived = archiving().archive(part, later, async (contents) => {
      const kept = await toFile(contents)
      assert.equal((await store.commit(unit([append(order('new'), 0, 3)]))).ok, true)
      assert.equal((await readAll(store.openLog(0))).length, 37)
      await holder.query(`begin; select 1 from ${schema}.events limit 1`)
      return kept
    })
    await new Promise((resolve) => setTimeout(resolve, 1500))
    const began = performance.now()
    assert.equal((await store.commit(unit([append(order('new'), 3)]))).ok, true)
    assert.ok(performance.now() - began < 1000, 'an append waited for the archive')
    assert.equal(await store.archivedTo?.(), 0)
    await holder.query('rollback')
    holder.release()
    assert.equal((await archived)?.events, 9)
    assert.equal((await store.commit(unit([append(order('new'), 4)]))).ok, true)
  })

  it('a transaction that may still write into a part holds it back', async () => {
    const holder = await database.pool.connect()
    await holder.query(`begin; lock table ${schema}.events in row exclusive mode`)
    try {
      const [part] = await archiving().parts(later)
      assert.equal(part?.standing, 'unsettled')
      assert.equal(await archiving().archive(part, later, toFile), undefined)
    } finally {
      await holder.query('rollback')
      holder.release()
    }
  })
})

function linesFrom(lines: readonly string[]): AsyncIterable<string> {
  return (async function* () {
    yield* lines
  })()
}

/** Ends the server's side of a connection when it is about to run a statement. */
function cutAt(client: pg.PoolClient, what: RegExp, armed: () => boolean): void {
  const query = client.query.bind(client) as (...args: unknown[]) => Promise<unknown>
  const cut = async (...args: unknown[]): Promise<unknown> => {
    const [given] = args as [string | { readonly text: string }]
    const text = typeof given === 'string' ? given : given.text
    if (armed() && what.test(text)) {
      const { processID } = client as unknown as { readonly processID: number }
      await sql('select pg_terminate_backend($1)', [processID])
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    return query(...args)
  }
  Object.assign(client, { query: cut })
}

async function all(lines: AsyncIterable<string>): Promise<string[]> {
  const found: string[] = []
  for await (const line of lines) found.push(line)
  return found
}
