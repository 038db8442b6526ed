import type { Config } from '../host/config.ts'
import { fault } from '../kernel/errors/fault.ts'
import type { Storage } from '../ports/store.ts'

/** Opens the storage that the configuration asks for: a PostgreSQL server by its URL, else the embedded one. */
export async function storageFromConfig(
  config: Pick<Config, 'DATABASE_URL' | 'DURE_DATA'>,
  onProgress: (text: string) => void = () => undefined,
): Promise<Storage> {
  if (config.DATABASE_URL === undefined) {
    const { embeddedStorage } = await import('../adapters/embedded/index.ts')
    return embeddedStorage({ directory: `${config.DURE_DATA}/postgres`, onProgress })
  }
  const [{ postgresStorage }, { default: pg }] = await Promise.all([
    import('../adapters/postgres/index.ts'),
    import('pg').catch((error: unknown) => {
      throw fault('DURE_STORE_DRIVER_MISSING', { package: 'pg', needed: 'DATABASE_URL' }, error)
    }),
  ])
  const { host, pathname } = new URL(config.DATABASE_URL)
  const pool = new pg.Pool({ connectionString: config.DATABASE_URL, max: 20 })
  return postgresStorage({ pool, ownsPool: true, name: `postgres ${host}${pathname}` })
}
