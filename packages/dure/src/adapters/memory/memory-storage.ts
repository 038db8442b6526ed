import { randomUUID } from 'node:crypto'
import { fault } from '../../kernel/errors/fault.ts'
import type { KeptAggregate } from '../../ports/state-store.ts'
import type { ContextStore, Storage } from '../../ports/store.ts'
import { checkContextName, checkName } from '../../ports/storable.ts'
import { MemoryContext } from './memory-context.ts'
import { MemoryData } from './memory-data.ts'

export interface MemoryStorageOptions {
  /** Names the epoch of each context's log; give one that repeats for a deterministic run. */
  readonly newEpoch?: () => string
  /** The clock that leases run by, in milliseconds; the one of this machine when absent. */
  readonly now?: () => number
}

/**
 * Keeps everything in this process and loses it with the process. Keeps every promise of the ports but durability: a
 * commit takes place in one turn of the event loop, and nothing that crosses is shared with the caller.
 */
export function memoryStorage(options: MemoryStorageOptions = {}): Storage {
  const { newEpoch = randomUUID, now = Date.now } = options
  const contexts = new Map<string, MemoryData>()
  const open = new Set<ContextStore>()
  let closed = false

  function checkOpen(): void {
    if (closed) throw fault('DURE_STORE_CLOSED', { store: 'memory' })
  }

  async function openContext(
    context: string,
    kept: readonly KeptAggregate[] = [],
    system?: string,
  ): Promise<ContextStore> {
    checkOpen()
    checkContextName(context)
    if (system !== undefined) checkName('name of the system', system)
    let data = contexts.get(context)
    if (data === undefined) contexts.set(context, (data = new MemoryData(newEpoch(), now)))
    checkSystem(data, context, system)
    data.system ??= system
    const byName = new Map(kept.map((it) => [it.aggregate, it]))
    const store = new MemoryContext(context, data, byName, () => open.delete(store))
    open.add(store)
    return store
  }

  return {
    name: 'memory',
    openContext,
    migration(context) {
      checkContextName(context)
      // There are no tables to make: a row has whatever columns it is written with.
      return {
        async plan() {
          checkOpen()
          return []
        },
        async apply() {
          checkOpen()
        },
        async restored() {
          checkOpen()
          return contexts.get(context)?.beginEpoch(newEpoch())
        },
      }
    },
    async ping() {
      checkOpen()
    },
    async maintain() {
      checkOpen()
    },
    async close() {
      closed = true
      await Promise.all(Array.from(open, (it) => it.close()))
    },
  }
}

function checkSystem(data: MemoryData, context: string, system: string | undefined): void {
  if (system === undefined || data.system === undefined || data.system === system) return
  const found = `the context ${context} of the system ${data.system}`
  throw fault('DURE_STORE_SCHEMA_TAKEN', {
    schema: context,
    context: `${context} of the system ${system}`,
    found,
  })
}
