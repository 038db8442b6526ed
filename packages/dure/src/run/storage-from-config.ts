import { leavesTables, type Config } from '../host/config.ts'
import { fault } from '../kernel/errors/fault.ts'
import type { Storage } from '../ports/store.ts'

/**
 * Opens the storage that the configuration asks for: a PostgreSQL server by its URL, else the embedded one. In production a
 * server's tables are made before a release starts, not by whichever of its processes comes first: so `refuse` there, and
 * `apply` everywhere else, where `migrations` does not say otherwise.
 */
export async function storageFromConfig(
  config: Pick<Config, 'DATABASE_URL' | 'DURE_DATA' | 'NODE_ENV'> &
    Partial<Pick<Config, 'DURE_DATABASE_CONNECTIONS'>>,
  onProgress: (text: string) => void = () => undefined,
  migrations: 'apply' | 'refuse' = leavesTables(config) ? 'refuse' : 'apply',
): Promise<Storage> {
  if (config.DATABASE_URL === undefined) {
    const { embeddedStorage } = await import('../adapters/embedded/index.ts')
    return embeddedStorage({ directory: `${config.DURE_DATA}/postgres`, migrations, onProgress })
  }
  return serverStorage(config.DATABASE_URL, migrations, config.DURE_DATABASE_CONNECTIONS)
}

/** A PostgreSQL server by its URL. @throws DURE_STORE_DRIVER_MISSING */
export async function serverStorage(
  url: string,
  migrations: 'apply' | 'refuse',
  connections = 20,
): Promise<Storage> {
  const [{ postgresStorage }, { default: pg }] = await Promise.all([
    import('../adapters/postgres/index.ts'),
    import('pg').catch((error: unknown) => {
      throw fault('DURE_STORE_DRIVER_MISSING', { package: 'pg', needed: 'DATABASE_URL' }, error)
    }),
  ])
  const { host, pathname } = new URL(url)
  const pool = new pg.Pool({ connectionString: url, max: connections })
  return postgresStorage({ pool, ownsPool: true, migrations, name: `postgres ${host}${pathname}` })
}
