import type { World } from '../kernel/world.ts'

/** How often a call is tried again. */
export interface RetryOptions {
  /** Tries in all, the first included; 1 never tries again. 5 when absent. */
  readonly attempts?: number
  /** The pause before the first repetition, in milliseconds; each is twice as long, by chance down to a half. 100 when absent. */
  readonly pauseMs?: number
}

/** Lets calls to one process be tried again. */
export interface Retries {
  /** A call was answered. */
  earn(): void
  /** How long to wait before the next try; undefined where there should be none. `made` tries were made. */
  pauseAfter(made: number, atLeastMs: number): number | undefined
}

const FULL = 100
const EARNED = 0.1

/**
 * Stops repetitions where they would only add to the load: each costs what ten calls earn, so that they stay a tenth of all
 * calls while a process is down (as gRPC throttles them, gRFC A6). A hundred are put by for the time of a restart.
 */
export function retriesOf(world: World, { attempts = 5, pauseMs = 100 }: RetryOptions = {}): Retries {
  let credit = FULL
  return {
    earn() {
      if (credit < FULL) credit += EARNED
    },
    pauseAfter(made, atLeastMs) {
      if (made >= attempts || credit < 1) return undefined
      credit--
      return Math.max(atLeastMs, pauseMs * 2 ** (made - 1) * (0.5 + world.random() / 2))
    },
  }
}
