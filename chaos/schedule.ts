import { Chance } from './chance.ts'
import type { ServerName } from './servers/servers.ts'
import type { CutKind } from './servers/wire.ts'

export const faultKinds = [
  'kill-worker',
  'freeze-worker',
  'kill-server',
  'cut',
  'wipe',
  'restore',
  'roll',
] as const
export type FaultKind = (typeof faultKinds)[number]

/** What a worker can be cut off from: a server, or the workers of other contexts. */
export type FarEnd = ServerName | 'peers'

/** Something that goes wrong, `atMs` after the load has begun. */
export type Fault = { readonly atMs: number } & (
  | { readonly kind: 'kill-worker'; readonly worker: number }
  | { readonly kind: 'freeze-worker'; readonly worker: number; readonly forMs: number }
  | { readonly kind: 'kill-server'; readonly server: ServerName; readonly forMs: number }
  | {
      readonly kind: 'cut'
      readonly worker: number | 'all'
      readonly server: FarEnd
      readonly how: CutKind
      readonly late: boolean
      readonly forMs: number
    }
  | { readonly kind: 'wipe'; readonly forMs: number }
  /** All processes are restarted in good order, one after the other. */
  | { readonly kind: 'roll' }
  | {
      readonly kind: 'restore'
      /** Whether what is taken back has been handled by all; else some of it may still be on its way. */
      readonly handled: boolean
    }
)

export interface ScheduleOptions {
  readonly seed: number
  readonly durationMs: number
  readonly workers: number
  readonly nats: boolean
  /** Whether contexts run in processes of their own. */
  readonly split: boolean
  readonly only: readonly FaultKind[] | undefined
}

/** All faults of a run, in their order. The broker is wiped once and a database restored once, if the run has them. */
export function scheduleOf({
  seed,
  durationMs,
  workers,
  nats,
  split,
  only,
}: ScheduleOptions): readonly Fault[] {
  const chance = new Chance(seed, 'faults')
  const allowed = (kind: FaultKind): boolean => only === undefined || only.includes(kind)
  const servers: readonly [ServerName, ...ServerName[]] = nats
    ? ['orders', 'rest', 'nats']
    : ['orders', 'rest']
  const longestMs = Math.min(9000, durationMs / 4)
  const faults: Fault[] = []
  const gapMs = Math.max(1000, Math.min(5000, durationMs / 10))
  for (let atMs = gapMs; atMs < durationMs - 2000; atMs += gapMs * (0.4 + 1.2 * chance.next())) {
    const kind = chance.weighed<FaultKind>([
      [4, 'kill-worker'],
      [2, 'freeze-worker'],
      [4, 'kill-server'],
      [5, 'cut'],
    ])
    const worker = chance.whole(1, workers)
    const server = chance.pick(servers)
    // One of four cuts is between services, where there are some.
    const between = split && chance.percent(25)
    const forMs = Math.round(200 + chance.next() ** 2 * longestMs)
    const how = chance.pick<CutKind>(['drop', 'silence'])
    const [late, all] = [chance.percent(50), chance.percent(30)]
    const at = Math.round(atMs)
    if (!allowed(kind)) continue
    if (kind === 'kill-worker') faults.push({ atMs: at, kind, worker })
    else if (kind === 'freeze-worker') faults.push({ atMs: at, kind, worker, forMs })
    else if (kind === 'kill-server') faults.push({ atMs: at, kind, server, forMs: forMs / 3 })
    else if (kind === 'cut') {
      const from = between ? 'peers' : server
      faults.push({ atMs: at, kind, worker: all ? 'all' : worker, server: from, how, late, forMs })
    }
  }
  const forMs = Math.round(200 + chance.next() * 1000)
  if (nats && allowed('wipe')) faults.push({ atMs: Math.round(durationMs * 0.3), kind: 'wipe', forMs })
  const handled = chance.percent(60)
  if (allowed('restore')) faults.push({ atMs: Math.round(durationMs * 0.5), kind: 'restore', handled })
  if (split && allowed('roll')) {
    for (const part of [0.15, 0.65]) faults.push({ atMs: Math.round(durationMs * part), kind: 'roll' })
  }
  return faults.toSorted((a, b) => a.atMs - b.atMs)
}

export function told(fault: Fault): string {
  const long = 'forMs' in fault ? ` for ${(fault.forMs / 1000).toFixed(1)} s` : ''
  if (fault.kind === 'kill-worker') return `worker-${fault.worker} is killed`
  if (fault.kind === 'freeze-worker') return `worker-${fault.worker} is frozen${long}`
  if (fault.kind === 'kill-server') return `${fault.server} is killed, away${long}`
  if (fault.kind === 'wipe') return `nats loses its data, away${long}`
  if (fault.kind === 'roll') return 'all workers are restarted, one after the other'
  if (fault.kind === 'restore') return 'orders is restored from a backup'
  const who = fault.worker === 'all' ? 'all workers' : `worker-${fault.worker}`
  const silent = fault.late ? 'silent, all arrives late' : 'silent, then lost'
  const far = fault.server === 'peers' ? 'workers of other contexts' : fault.server
  return `${who} cut off from ${far}${long} (${fault.how === 'drop' ? 'dropped' : silent})`
}
