import type { World } from '../../kernel/world.ts'

/** What waiting for a broker needs of the world. */
export type Timers = Pick<World, 'after' | 'random'>

/** Those of this machine, for who hands in no others. */
export const timers: Timers = {
  after(delayMs, run, alive = false) {
    const timer = setTimeout(run, delayMs)
    if (!alive) timer.unref()
    return () => clearTimeout(timer)
  },
  random: () => Math.random(),
}

/** Resolves after a delay. */
export function pause(timers: Timers, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    timers.after(delayMs, resolve)
  })
}
