import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chownSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { describe, it } from 'vitest'
import { createPostgres, type Instance } from '../../../../../../scripts/services/instances.mjs'
import { waitFor } from '../../../../test/fixtures/postgres-tries/support.ts'
import { isDureError } from '../../../kernel/error.ts'
import type { ContextStore } from '../../../ports/store.ts'
import { freshName, order, unit } from '../../../testing/conformance/harness.ts'
import { postgresStorage } from '../postgres-storage.ts'

const MEGABYTE = 2 ** 20

function mount(folder: string, megabytes: number): void {
  mkdirSync(folder, { recursive: true })
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder], { stdio: 'pipe' })
}

function unmount(folder: string): void {
  execFileSync('umount', [folder], { stdio: 'pipe' })
}

// Only a file system of its own can be full without harm to others, and not everybody may mount one.
const mounts = ((): boolean => {
  const folder = mkdtempSync(join(tmpdir(), 'dure-mount-'))
  try {
    mount(folder, 1)
    unmount(folder)
    return true
  } catch {
    return false
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})()

/** Appends big events to a stream until the store refuses; resolves to the refusal and how many there are. */
async function fill(store: ContextStore, from: number): Promise<{ error: unknown; version: number }> {
  // Nothing that compresses.
  const text = Array.from({ length: 4000 }, () => Math.random().toString(36).slice(2)).join('')
  for (let version = from; version < from + 5000; version++) {
    const events = [{ type: 'T', schema: 1, data: { text } }]
    const commit = unit([{ stream: order('1'), expected: version, events, ends: false }])
    const error: unknown = await store.commit(commit).then(
      ({ ok }) => assert.ok(ok),
      (it: unknown) => it,
    )
    if (error !== undefined) return { error, version }
  }
  return assert.fail('it never got full')
}

function refusedForSpace(error: unknown): void {
  assert.ok(isDureError(error), String(error))
  assert.equal(error.code, 'DURE_STORE_UNAVAILABLE')
  assert.match(error.message, /No space left|could not extend|terminat|recovery|ECONN|closed|end/i)
}

async function withServer(
  run: (server: Instance, disk: string) => Promise<void>,
  disk: string,
): Promise<void> {
  const server = await createPostgres({ major: 15, folder: `${disk}/server` })
  try {
    await run(server, disk)
  } finally {
    await server.remove()
  }
}

async function onDisk(
  megabytes: number,
  run: (disk: string, folder: string) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'dure-disk-'))
  const disk = join(folder, 'disk')
  mount(disk, megabytes)
  try {
    await run(disk, folder)
  } finally {
    unmount(disk)
    rmSync(folder, { recursive: true, force: true })
  }
}

describe.skipIf(!mounts)('a disk that is full', { timeout: 120_000 }, () => {
  it('under the tables: commits fail as unavailable, reads go on, and with space again so do commits', () =>
    onDisk(40, (disk, folder) =>
      withServer(async (server) => {
        await server.start()
        const { uid, gid } = statSync(server.data)
        const tables = join(disk, 'tables')
        mkdirSync(tables)
        chownSync(tables, uid, gid)
        const ballast = join(disk, 'ballast')
        const admin = new pg.Client({ connectionString: server.url })
        await admin.connect()
        await admin.query(`create tablespace small location '${tables}'`)
        await admin.query('create database shop tablespace small')
        await admin.end()
        writeFileSync(ballast, Buffer.alloc(15 * MEGABYTE))
        const pool = new pg.Pool({ connectionString: server.url.replace(/postgres$/, 'shop') })
        const storage = postgresStorage({ pool, ownsPool: true })
        try {
          const store = await storage.openContext(freshName())
          const { error, version } = await fill(store, 0)
          refusedForSpace(error)
          assert.ok(version > 10)
          assert.equal((await store.readStream(order('1'))).events.length, version)
          rmSync(ballast)
          const after = await fill(store, version)
          assert.ok(after.version > version + 10)
          assert.equal((await store.readStream(order('1'))).events.length, after.version)
        } finally {
          await storage.close()
        }
      }, join(folder)),
    ))

  it('under the write-ahead log: the server stops, and with space again nothing acknowledged is lost', () =>
    onDisk(120, (disk) =>
      withServer(async (server) => {
        await server.start()
        const ballast = join(disk, 'ballast')
        const pool = new pg.Pool({ connectionString: server.url })
        const storage = postgresStorage({ pool, ownsPool: true })
        try {
          const store = await storage.openContext(freshName())
          writeFileSync(ballast, Buffer.alloc(40 * MEGABYTE))
          const { error, version } = await fill(store, 0)
          refusedForSpace(error)
          assert.ok(version > 10)
          rmSync(ballast)
          // It may have given up its own recovery for want of space.
          await waitFor(async () => server.pid === undefined || (await server.probe()) !== undefined)
          await server.start()
          const { events } = await store.readStream(order('1'))
          // The last one may have been stored although nobody heard of it.
          assert.ok([version, version + 1].includes(events.length), `${events.length} of ${version}`)
          const next = unit([
            {
              stream: order('1'),
              expected: events.length,
              events: [{ type: 'T', schema: 1, data: {} }],
              ends: false,
            },
          ])
          assert.equal((await store.commit(next)).ok, true)
        } finally {
          await storage.close()
        }
      }, disk),
    ))
})
