import { fault } from '../../kernel/errors/fault.ts'
import type { World } from '../../kernel/world.ts'
import type { Connected } from '../attachments.ts'
import { codeOf, unavailable, within } from '../within.ts'
import type { Entries } from './entries.ts'

interface RedisOptions {
  readonly name: string
  readonly url: string
  readonly timeoutMs: number
}

/** Longest pause between two attempts to connect. */
const LONGEST_PAUSE_MS = 2000

// What Redis itself says begins with a word such as WRONGPASS or OOM; the rest may repeat what it was sent.
function wordOf(error: unknown): string {
  return /^([A-Z]{3,}) /.exec((error as Error).message)?.[1] ?? codeOf(error)
}

/**
 * Entries in a Redis 6 or newer, their keys under `<name>:`. It connects by itself, again and again; while it is away a call
 * fails at once instead of waiting in a queue.
 * @throws DURE_STORE_DRIVER_MISSING
 */
export async function redisEntries(options: RedisOptions, world: World): Promise<Connected<Entries>> {
  const { name, url, timeoutMs } = options
  const { createClient } = await import('@redis/client').catch((error: unknown) => {
    throw fault('DURE_STORE_DRIVER_MISSING', { package: '@redis/client', needed: `the cache ${name}` }, error)
  })
  const client = createClient({
    url,
    disableOfflineQueue: true,
    socket: {
      connectTimeout: timeoutMs,
      reconnectStrategy: (retries) => Math.min(LONGEST_PAUSE_MS, 50 * 2 ** Math.min(retries, 6)),
    },
  })
  // Without a listener an error of the connection would end the process; calls and the ping tell of it.
  let last: unknown
  client.on('error', (error: unknown) => (last = error))
  const asked = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await within(world, name, timeoutMs, work())
    } catch (error) {
      if ((error as { readonly code?: string }).code === 'DURE_RESOURCE_UNAVAILABLE') throw error
      const away = client.isReady ? error : (last ?? error)
      throw unavailable(name, `Redis: ${wordOf(away)}`, away)
    }
  }
  const connecting = client.connect().catch(() => undefined)
  // Whoever is there at the start is used at once; who is not, is waited for behind.
  await within(world, name, timeoutMs, connecting).catch(() => undefined)
  const keyOf = (key: string): string => `${name}:${key}`
  return {
    client: {
      get: (key) => asked(async () => (await client.get(keyOf(key))) ?? undefined),
      set: (key, text, ttlMs) =>
        asked(
          async () => void (await client.set(keyOf(key), text, { expiration: { type: 'PX', value: ttlMs } })),
        ),
      delete: (key) => asked(async () => void (await client.del(keyOf(key)))),
    },
    ping: () => asked(async () => void (await client.ping())),
    async close() {
      if (client.isReady) await within(world, name, timeoutMs, client.close()).catch(() => client.destroy())
      else if (client.isOpen) client.destroy()
    },
  }
}
