import type { DureError } from './error.ts'
import { remoteFault } from './errors/remote/remote-fault.ts'
import type { World } from './world.ts'

/** How long somebody waits for an answer. */
export interface Limits {
  /** No work is begun after it, and no wait lasts longer. */
  readonly deadline?: Date
  /** Aborted when the caller goes away: what is not committed is left, and nothing more is begun. */
  readonly signal?: AbortSignal
}

/**
 * Begins nothing that nobody waits for any more.
 * @throws DURE_DEADLINE, DURE_CALL_CANCELLED
 */
export function refuseLate({ deadline, signal }: Limits, world: World, what: string): void {
  if (signal?.aborted === true) throw remoteFault('DURE_CALL_CANCELLED', { what })
  if (deadline !== undefined && world.now() > deadline) throw remoteFault('DURE_DEADLINE', { what })
}

/** How long is left, in milliseconds from 0; undefined without a deadline. */
export function leftOf({ deadline }: Limits, world: World): number | undefined {
  return deadline === undefined ? undefined : Math.max(0, deadline.getTime() - world.now().getTime())
}

/** When a wait is given up, and what its caller is told then. */
export interface Patience {
  readonly ms: number
  readonly late: () => object
  readonly signal: AbortSignal | undefined
  readonly cancelled: () => DureError
  /** Whether the wait keeps the process alive. */
  readonly alive: boolean
}

/** Waits for work, so long and no longer; the work is not stopped by it. */
export function waitFor<T>(work: Promise<T>, world: World, patience: Patience): Promise<T> {
  const { ms, late, signal, cancelled, alive } = patience
  return new Promise<T>((resolve, reject) => {
    const onAbort = (): void => end(() => reject(cancelled()))
    const cancelTimer = world.after(ms, () => end(() => reject(late())), alive)
    const end = (how: () => void): void => {
      cancelTimer()
      signal?.removeEventListener('abort', onAbort)
      how()
    }
    signal?.addEventListener('abort', onAbort, { once: true })
    work.then(
      (value) => end(() => resolve(value)),
      (error: unknown) => end(() => reject(error)),
    )
  })
}

/** Waits for work until the deadline of its caller, if there is one. @throws DURE_DEADLINE */
export function untilDeadline<T>(work: Promise<T>, limits: Limits, world: World, what: string): Promise<T> {
  const ms = leftOf(limits, world)
  if (ms === undefined) return work
  const late = (): DureError => remoteFault('DURE_DEADLINE', { what })
  // Who went away needs no answer: its work is left at the next thing that it begins.
  return waitFor(work, world, { ms, late, signal: undefined, cancelled: late, alive: false })
}
