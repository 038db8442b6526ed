import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { createPostgres } from '../../scripts/services/instances.mjs'
import { slowFlush } from './slow-flush.mjs'

const SETTINGS = { shared_buffers: '512MB', max_wal_size: '4GB' }

/**
 * A PostgreSQL of this benchmark alone, durable as any, that ends with it. With `flushMs` each flush to disk takes so many
 * milliseconds longer. Gives `connection` for pools, `url`, and `close`.
 */
export async function startPostgres({ flushMs, settings = {} } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'dure-bench-'))
  const through = flushMs === undefined ? [] : await slowFlush(folder, flushMs)
  const server = await createPostgres({
    major: 18,
    folder: join(folder, 'postgres'),
    settings: { ...SETTINGS, ...settings },
    through,
  })
  try {
    await server.start()
    if (flushMs !== undefined) await proveSlow(server.url, flushMs)
  } catch (error) {
    await server.remove()
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
  const { port, url } = server
  return {
    url,
    connection: { host: '127.0.0.1', port, user: 'postgres', database: 'postgres' },
    async close() {
      await server.remove()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** A pool of our own, without what the environment says of passwords and encryption. */
export function connect(connection, max) {
  const pool = new pg.Pool({ ...connection, max, ssl: false, password: '' })
  // A connection that is still being closed hears that the server stops.
  pool.on('error', () => undefined)
  return pool
}

/** Leaves each value the text that the server sent. */
export const raw = { getTypeParser: () => (text) => text }

/** What was written in bulk is tidied up before the first round rather than during one. */
export async function settle(connection) {
  const pool = connect(connection, 1)
  await pool.query('vacuum analyze')
  await pool.query('checkpoint')
  await pool.end()
}

/** A shim that was not loaded would pass for a fast disk. */
async function proveSlow(url, flushMs) {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query('create table flushed (n int)')
  const from = performance.now()
  const commits = 20
  for (let n = 0; n < commits; n++) await client.query('insert into flushed values ($1)', [n])
  const each = (performance.now() - from) / commits
  await client.query('drop table flushed')
  await client.end()
  if (each < flushMs)
    throw new Error(`a commit takes ${each.toFixed(2)} ms, so its flush does not take ${flushMs} ms`)
}
