import { leavesTables, type Config } from '../host/config.ts'
import { environmentName } from '../host/config/of-contexts.ts'
import type { Storage } from '../ports/store.ts'
import { storageByContext } from './storage-by-context.ts'
import { serverStorage, storageFromConfig } from './storage-from-config.ts'

type Where = Pick<Config, 'DATABASE_URL' | 'DURE_DATA' | 'NODE_ENV' | 'DURE_DATABASE_CONNECTIONS'>

/**
 * Opens the storage of some contexts: the one that the configuration asks for, and for those with a `DATABASE_URL_<CONTEXT>`
 * one of their own.
 */
export async function storageOfProcess(
  config: Where,
  contexts: readonly string[],
  values: Readonly<Record<string, unknown>>,
  onProgress?: (text: string) => void,
  migrations?: 'apply' | 'refuse',
): Promise<Storage> {
  const urls = contexts.flatMap((name): readonly (readonly [string, string])[] => {
    const url = values[`DATABASE_URL_${environmentName(name)}`]
    return typeof url === 'string' && url !== '' ? [[name, url]] : []
  })
  const own = new Map<string, Storage>()
  try {
    for (const [name, url] of urls) {
      const leaves = leavesTables({ ...config, DATABASE_URL: url }) ? 'refuse' : 'apply'
      own.set(name, await serverStorage(url, migrations ?? leaves, config.DURE_DATABASE_CONNECTIONS))
    }
    const all = contexts.length > 0 && own.size === contexts.length
    return storageByContext(all ? undefined : await storageFromConfig(config, onProgress, migrations), own)
  } catch (error) {
    await Promise.all(Array.from(own.values(), (it) => it.close()))
    throw error
  }
}
