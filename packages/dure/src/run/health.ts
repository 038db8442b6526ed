import type { Host } from '../host/create-host.ts'
import { isDureError } from '../kernel/error.ts'
import type { Storage } from '../ports/store.ts'
import type { Attachments } from '../resources/attachments.ts'

/** What `/readyz` says of a process. */
export interface Health {
  /** What keeps it from serving. */
  readonly ready: () => Promise<readonly string[]>
  /** What is not as it should be and does not keep it from serving. */
  readonly degraded: () => readonly string[]
}

/** Asks the storage and the backing services that the process cannot do without; looks at the others and at the loops. */
export function healthOf(storage: Storage, host: Host, attachments: Attachments): Health {
  let away: readonly string[] = []
  return {
    async ready() {
      const [store, found] = await Promise.all([storeProblems(storage), attachments.problems()])
      away = found.optional
      return [...store, ...found.required]
    },
    degraded: () => [...risks(storage), ...away, ...loopProblems(host)],
  }
}

async function storeProblems(storage: Storage): Promise<readonly string[]> {
  try {
    await storage.ping()
    return []
  } catch (error) {
    return [isDureError(error) ? `${error.code}: ${error.message}` : 'the store does not answer']
  }
}

function risks({ warnings = [] }: Storage): readonly string[] {
  return warnings.map(({ setting, found }) => `the store has ${setting} = ${found}`)
}

function loopProblems(host: Host): readonly string[] {
  const unpublished = host.relays().flatMap(({ context, state, error }) => {
    if (state !== 'failing') return []
    return [`the events of ${context} are not published: ${error?.code ?? ''} ${error?.message ?? ''}`.trim()]
  })
  const stuck = host.status().flatMap(({ context, consumer, source, state, failure }) => {
    if (state === 'running' || state === 'standby' || state === 'stopped') return []
    return [`${consumer} in ${context} does not hear ${source}: ${state} ${failure?.code ?? ''}`.trim()]
  })
  return [...unpublished, ...stuck]
}
