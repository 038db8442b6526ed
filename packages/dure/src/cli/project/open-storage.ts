import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readPostmaster } from '../../adapters/embedded/postmaster.ts'
import { SUPERUSER } from '../../adapters/embedded/data-directory.ts'
import { postgresStorage } from '../../adapters/postgres/index.ts'
import { readConfig } from '../../host/config.ts'
import { environmentName } from '../../host/config/of-contexts.ts'
import { withEnvFiles } from '../../host/config/env-files.ts'
import { isDureError } from '../../kernel/error.ts'
import type { Storage } from '../../ports/store.ts'
import { storageByContext } from '../../run/storage-by-context.ts'
import { serverStorage, storageFromConfig } from '../../run/storage-from-config.ts'

/**
 * Opens the storage of the program for a look, which changes no tables: they are the program's, or `dure migrate`'s. An embedded PostgreSQL that the program has open is joined, not started;
 * where there is none yet, none is made: undefined.
 */
export async function openStorage(
  env: Readonly<Record<string, string | undefined>>,
  onProgress: (text: string) => void,
): Promise<Storage | undefined> {
  const whole = withEnvFiles(env, process.cwd()).env
  const others = await openCommon(whole, onProgress)
  const own = new Map<string, Storage>()
  for (const [name, url] of Object.entries(whole)) {
    const context = /^DATABASE_URL_(\w+)$/.exec(name)?.[1]
    if (context === undefined || context === 'FILE' || !url) continue
    own.set(context, await serverStorage(url, 'refuse', 2))
  }
  return others === undefined && own.size === 0 ? undefined : storageByContext(others, own, environmentName)
}

/** The storage of all contexts that have none of their own. */
async function openCommon(
  env: Readonly<Record<string, string | undefined>>,
  onProgress: (text: string) => void,
): Promise<Storage | undefined> {
  const config = readConfig(env)
  const embedded = config.DATABASE_URL === undefined ? join(config.DURE_DATA, 'postgres') : undefined
  if (embedded !== undefined && !existsSync(embedded)) return undefined
  try {
    return await storageFromConfig(config, onProgress, 'refuse')
  } catch (error) {
    if (embedded === undefined || !isDureError(error, 'DURE_STORE_IN_USE')) throw error
    return (await joined(embedded)) ?? Promise.reject(error)
  }
}

async function joined(directory: string): Promise<Storage | undefined> {
  const found = await readPostmaster(join(directory, 'data'))
  if (found?.ready !== true || !found.socketDirectory) return undefined
  const { default: pg } = await import('pg')
  const connection = { host: found.socketDirectory, port: 5432, user: SUPERUSER, database: 'postgres' }
  const pool = new pg.Pool({ ...connection, max: 2, password: '', ssl: false })
  return postgresStorage({
    pool,
    ownsPool: true,
    migrations: 'refuse',
    wake: false,
    name: `embedded ${directory}`,
  })
}
