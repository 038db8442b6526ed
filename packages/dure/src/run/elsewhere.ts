import { environmentName } from '../host/config/of-contexts.ts'
import { httpLog, type IdentityHeaders } from '../host/http-log.ts'
import type { Remote } from '../host/remote.ts'
import { systemWorld } from '../host/system-world.ts'
import { contractsOf, type System } from '../model/system.ts'
import type { RemoteContexts } from '../remote/remote-contexts.ts'

/** Speaks to the contexts of other processes, as far as it is known where they are. */
export interface RemoteProcesses extends Remote {
  close(): Promise<void>
}

/**
 * Finds the processes of other contexts by the variables `DURE_URL_<CONTEXT>`; undefined where none is set. No connection is
 * made before it is used.
 */
export async function processesElsewhere(
  system: System,
  here: ReadonlySet<string>,
  values: Readonly<Record<string, unknown>>,
  identity: IdentityHeaders | undefined,
): Promise<RemoteProcesses | undefined> {
  const found = contractsOf(system).flatMap((it): readonly (readonly [string, string])[] => {
    const name = it.name as string
    const url = values[`DURE_URL_${environmentName(name)}`]
    return typeof url === 'string' && !here.has(name) ? [[name, url]] : []
  })
  if (found.length === 0) return undefined
  const said = identity === undefined ? {} : { identity }
  const { remoteContexts } = await import('../remote/remote-contexts.ts')
  const calls: RemoteContexts = await remoteContexts({
    urls: Object.fromEntries(found),
    world: systemWorld,
    ...said,
  })
  const logs = new Map(found.map(([name, url]) => [name, httpLog(name, url, systemWorld, identity)]))
  return { calls, log: (context) => logs.get(context), close: () => calls.close() }
}
