import type { World } from '../../kernel/world.ts'
import type { Connected } from '../attachments.ts'
import type { Entries } from './entries.ts'

/** So many entries at most, as a cache has an end: the oldest go. */
const MOST = 10_000

/** Entries in this process alone, gone with it. */
export function memoryEntries(world: World): Connected<Entries> {
  const entries = new Map<string, { readonly text: string; readonly until: number }>()
  const now = (): number => world.now().getTime()
  return {
    client: {
      async get(key) {
        const found = entries.get(key)
        if (found === undefined || found.until > now()) return found?.text
        entries.delete(key)
        return undefined
      },
      async set(key, text, ttlMs) {
        entries.delete(key)
        entries.set(key, { text, until: now() + ttlMs })
        for (const oldest of entries.keys()) {
          if (entries.size <= MOST) break
          entries.delete(oldest)
        }
      },
      async delete(key) {
        entries.delete(key)
      },
    },
    ping: () => Promise.resolve(),
    close: () => Promise.resolve(),
  }
}
