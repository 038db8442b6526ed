import type { Host } from '../host/create-host.ts'
import type { Log } from '../host/log.ts'
import type { Placement } from '../host/placement.ts'
import { systemWorld } from '../host/system-world.ts'
import { isDureError } from '../kernel/error.ts'
import type { System } from '../model/system.ts'

/** Between two tries while other processes are not up yet, and how many are made. */
const [againMs, tries] = [500, 240]

type Prepare = (host: Host) => Promise<void>

/**
 * Whether a process prepares the system. Of one that is split, the process of its first context does: what is to be prepared
 * is asked of other processes too, so it can only be done once.
 */
export function prepares(system: System, { here, roles }: Placement): boolean {
  const [first] = system.contexts
  return first === undefined || (here.includes(first) && roles.has('worker'))
}

/**
 * Prepares a split system while it serves: its other processes may still be starting, and wait for this one as well.
 * Whatever they do not answer yet is asked again.
 */
export async function prepareWhenUp(
  prepare: Prepare,
  host: Host,
  log: Log,
  stopped: () => boolean,
): Promise<void> {
  for (let left = tries; !stopped(); left--) {
    try {
      await prepare(host)
      return
    } catch (error) {
      const passes = isDureError(error) && error.kind === 'unavailable'
      if (stopped()) return
      if (!passes || left <= 1) return log('error', 'preparing the system failed', { error })
      log('debug', 'preparing the system waits for other processes', { error })
      await new Promise<void>((resolve) => systemWorld.after(againMs, resolve))
    }
  }
}
