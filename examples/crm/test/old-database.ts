import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { embeddedStorage } from 'dure/embedded'
import { createHost, type Host, type Log } from 'dure/host'
import { persistence } from '../src/persistence.ts'
import { crm } from '../src/system.ts'

/** A database that the old program has filled. */
export interface OldDatabase extends AsyncDisposable {
  readonly pool: pg.Pool
  /** Starts Dure on it, in production with `refuse`; close the host before the next. */
  start(migrations?: 'apply' | 'refuse'): Promise<Host>
  /** What was done to the data at the starts. */
  readonly migrated: readonly unknown[]
  /** The answer to plain SQL. */
  rows(sql: string): Promise<readonly object[]>
}

export async function oldDatabase(): Promise<OldDatabase> {
  const directory = await mkdtemp(join(tmpdir(), 'dure-crm-'))
  const storage = await embeddedStorage({ directory })
  const pool = new pg.Pool({ ...storage.connection, password: '', ssl: false, max: 4 })
  // A connection that is cut when the server ends would otherwise end the process.
  pool.on('error', () => undefined)
  await pool.query(await readFile(new URL('../legacy/crm.sql', import.meta.url), 'utf8'))
  const migrated: unknown[] = []
  const keptOpen = { ...storage, close: async () => undefined }
  const log: Log = (_, message, fields) => void (message === 'migrating' && migrated.push(fields['what']))
  return {
    pool,
    migrated,
    start: (migrations = 'apply') => createHost(crm, { storage: keptOpen, persistence, migrations, log }),
    rows: async (sql) => (await pool.query(sql)).rows as object[],
    async [Symbol.asyncDispose]() {
      await pool.end()
      await storage.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
}
