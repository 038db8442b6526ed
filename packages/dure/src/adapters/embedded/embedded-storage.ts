import { rm } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { isDureError } from '../../kernel/error.ts'
import { fault } from '../../kernel/errors/fault.ts'
import type { Storage } from '../../ports/store.ts'
// The same adapter, on a server that npm brings: what runs on a laptop is what runs in production.
import { postgresStorage } from '../postgres/index.ts'
import { chooseAccount } from './account.ts'
import { findBinaries } from './binaries.ts'
import { createData, hasData, makeFolder, SUPERUSER } from './data-directory.ts'
import { isAlive, readPostmaster, removeStale, runningServer } from './postmaster.ts'
import { Keeper } from './keeper.ts'
import { isSocketFolder, Server, type ServerPlace } from './server.ts'

export interface EmbeddedStorageOptions {
  /** Where the data lies; made if it is not there. */
  readonly directory?: string
  /** Put before the names of all schemas. */
  readonly schemaPrefix?: string
  /** As for `postgresStorage`: whether missing tables are made. `apply` when absent. */
  readonly migrations?: 'apply' | 'refuse'
  /** Connections at most. */
  readonly poolSize?: number
  /** Hears in a sentence what takes a while. */
  readonly onProgress?: (text: string) => void
}

export interface EmbeddedStorage extends Storage {
  /** For other tools, as long as the storage is open: `psql -h HOST -U USER DATABASE`. */
  readonly connection: {
    readonly host: string
    readonly port: number
    readonly user: string
    readonly database: string
  }
}

/**
 * Starts a PostgreSQL of its own on a folder and keeps contexts in it. Only this process can connect, over a socket that
 * only its user can reach. The server ends with `close`, and also when this process ends in any other way; should the
 * server end first, it is started again, and what is asked of it meanwhile fails with DURE_STORE_UNAVAILABLE.
 *
 * @throws DURE_STORE_IN_USE, DURE_STORE_VERSION, DURE_STORE_CORRUPT, DURE_STORE_DRIVER_MISSING,
 *   DURE_EMBEDDED_UNSUPPORTED, DURE_EMBEDDED_DENIED, DURE_EMBEDDED_FAILED
 */
export async function embeddedStorage(options: EmbeddedStorageOptions = {}): Promise<EmbeddedStorage> {
  const {
    directory = '.dure/postgres',
    schemaPrefix = '',
    poolSize = 20,
    migrations = 'apply',
    onProgress = () => undefined,
  } = options
  const shown = relative(process.cwd(), resolve(directory)).startsWith('..') ? resolve(directory) : directory
  const [{ default: pg }, place] = await Promise.all([loadDriver(), prepare(directory, shown, onProgress)])
  await letGo(place, onProgress)
  const keeper = new Keeper(place, await startPatiently(place, onProgress), onProgress)
  const connection = { host: keeper.socketDirectory, port: 5432, user: SUPERUSER, database: 'postgres' }
  // What the environment says about other servers (PGSSLMODE, PGPASSWORD) is not meant for this one.
  const pool = new pg.Pool({ ...connection, max: poolSize, password: '', ssl: false, allowExitOnIdle: true })
  const storage = postgresStorage({
    pool,
    ownsPool: true,
    schemaPrefix,
    migrations,
    // Nobody else can be on it for long.
    wake: false,
    name: `embedded ${shown}`,
  })
  return {
    ...storage,
    connection,
    async close() {
      await storage.close()
      await keeper.stop()
    },
  }
}

async function loadDriver(): Promise<typeof import('pg')> {
  try {
    return await import('pg')
  } catch (error) {
    throw fault('DURE_STORE_DRIVER_MISSING', { package: 'pg', needed: 'the embedded database' }, error)
  }
}

async function prepare(
  directory: string,
  shown: string,
  onProgress: (text: string) => void,
): Promise<ServerPlace> {
  const binaries = findBinaries()
  const folder = resolve(directory)
  const data = join(folder, 'data')
  await makeFolder(folder)
  const isNew = !(await hasData(shown, data, binaries))
  const account = await chooseAccount(isNew ? folder : data, isNew, binaries.postgres)
  if (isNew) {
    onProgress(`creating the embedded PostgreSQL in ${shown} …`)
    await createData(folder, data, binaries, account)
  }
  return { directory: shown, data, log: join(folder, 'postgres.log'), postgres: binaries.postgres, account }
}

const LET_GO_MS = 10_000
const PATIENCE_MS = 1_000

/**
 * Waits for the server of a process that is gone: it is about to stop by itself. One whose process lives is in use, and
 * so is one that somebody started by hand.
 */
async function letGo({ directory, data }: ServerPlace, onProgress: (text: string) => void): Promise<void> {
  let found = await readPostmaster(data)
  const sockets = found?.socketDirectory ?? ''
  for (let waited = 0; found !== undefined; waited += 20) {
    const running = await runningServer(data, found)
    // A server that is just starting has made the file and not yet written it.
    if (found.text === '' && waited < PATIENCE_MS) await pause(20)
    else if (running === undefined) {
      // PostgreSQL removes what a dead process left, and may be at it on behalf of somebody else.
      if (found.text !== '' && !isAlive(found.pid)) break
      await removeStale(data, found)
    } else {
      const { owner } = running
      if (owner === undefined || isAlive(owner) || waited >= LET_GO_MS) {
        throw fault('DURE_STORE_IN_USE', {
          directory,
          pid: owner !== undefined && isAlive(owner) ? owner : found.pid,
        })
      }
      if (waited === 0) onProgress(`waiting for the embedded PostgreSQL of process ${owner} to stop …`)
      if (waited === PATIENCE_MS) stopServer(found.pid)
      await pause(20)
    }
    found = await readPostmaster(data)
  }
  // Its sockets, if nobody was left to remove them.
  if (isSocketFolder(sockets)) await rm(sockets, { recursive: true, force: true })
}

function stopServer(pid: number): void {
  try {
    process.kill(pid, 'SIGINT')
  } catch {
    // It has just ended, or it is not ours to end; either is found out by looking again.
  }
}

/** What a server that was killed leaves behind is gone in a moment: its own processes notice and end. */
async function startPatiently(place: ServerPlace, onProgress: (text: string) => void): Promise<Server> {
  for (let waited = 0; ; waited += 50) {
    try {
      return await Server.start(place)
    } catch (error) {
      if (!isPassing(error) || waited >= PATIENCE_MS) throw error
      await pause(50)
      await letGo(place, onProgress)
    }
  }
}

function isPassing(error: unknown): boolean {
  if (isDureError(error, 'DURE_STORE_IN_USE')) return error.details['pid'] === 0
  return isDureError(error) && error.message.includes('pre-existing shared memory block')
}
