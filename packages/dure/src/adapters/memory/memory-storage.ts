import { randomUUID } from 'node:crypto'
import { fault } from '../../kernel/errors/fault.ts'
import type { ContextStore, Storage } from '../../ports/store.ts'
import { checkContextName } from '../../ports/storable.ts'
import { MemoryContext } from './memory-context.ts'
import { MemoryData } from './memory-data.ts'

export interface MemoryStorageOptions {
  /** Names the epoch of each context's log; give one that repeats for a deterministic run. */
  readonly newEpoch?: () => string
}

/**
 * Keeps everything in this process and loses it with the process. Keeps every promise of the ports but durability: a
 * commit takes place in one turn of the event loop, and nothing that crosses is shared with the caller.
 */
export function memoryStorage(options: MemoryStorageOptions = {}): Storage {
  const { newEpoch = randomUUID } = options
  const kept = new Map<string, MemoryData>()
  const open = new Set<ContextStore>()
  let closed = false

  async function openContext(context: string): Promise<ContextStore> {
    if (closed) throw fault('DURE_STORE_CLOSED', { store: 'memory' })
    checkContextName(context)
    let data = kept.get(context)
    if (data === undefined) kept.set(context, (data = new MemoryData(newEpoch())))
    const store = new MemoryContext(context, data, () => open.delete(store))
    open.add(store)
    return store
  }

  return {
    name: 'memory',
    openContext,
    async ping() {
      if (closed) throw fault('DURE_STORE_CLOSED', { store: 'memory' })
    },
    async maintain() {
      if (closed) throw fault('DURE_STORE_CLOSED', { store: 'memory' })
    },
    async close() {
      closed = true
      await Promise.all(Array.from(open, (it) => it.close()))
    },
  }
}
