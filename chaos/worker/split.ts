import { httpLog, systemWorld, type Host, type HostOptions } from 'dure/host'
import type { HttpOptions } from 'dure/http'
import { remoteContexts } from 'dure/remote'
import { chaos } from '../model/system.ts'
import type { WorkerSettings } from './protocol.ts'

type Split = NonNullable<WorkerSettings['split']>

/** What a host is told that runs some of the contexts. */
export async function placed(split: Split | undefined): Promise<Pick<HostOptions, 'contexts' | 'remote'>> {
  if (split === undefined) return {}
  const { here, elsewhere } = split
  const calls = await remoteContexts({ urls: elsewhere, world: systemWorld })
  const logs = new Map(
    Object.entries(elsewhere).map(([name, url]) => [name, httpLog(name, url, systemWorld)]),
  )
  return { contexts: here, remote: { calls, log: (context) => logs.get(context) } }
}

/** What its edge serves: its own contexts, and what they publish for the processes of the others. */
export function served(host: Host, split: Split | undefined): Pick<HttpOptions, 'system' | 'logs'> {
  if (split === undefined) return { system: chaos }
  const logs = new Map<string, NonNullable<ReturnType<Host['published']>>>()
  for (const it of split.here) {
    const log = host.published(it)
    if (log !== undefined) logs.set(it, log)
  }
  return { system: { ...chaos, contexts: chaos.contexts.filter((it) => split.here.includes(it.name)) }, logs }
}
