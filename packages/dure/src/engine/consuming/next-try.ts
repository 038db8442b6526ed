import { isDureError } from '../../kernel/error.ts'
import type { ParkedMessage, ParkedRecord } from '../../ports/parking.ts'

const second = 1000
const minute = 60 * second

/** How long is waited before the second try of a parked message, the third, … After the last, somebody has to ask. */
const pauses: readonly number[] = [5 * second, 30 * second, 2 * minute, 10 * minute]

/** How long a message is held for a release that knows it, unless the host says otherwise. */
export const holdMs: number = 15 * minute

/** How often a process tries what is held. */
export const heldEveryMs: number = 5 * second

/** The code of a message that waits behind another of its aggregate. */
export const behind = 'DURE_PARKED_BEHIND'

/** When a message that is the first of its sequence is tried by itself; undefined where only a start or a request does. */
export function nextTry(record: ParkedRecord): Date | undefined {
  const { retry, code, tries, triedAt, heldUntil } = record
  // What it waited behind is gone.
  if (retry || code === behind) return triedAt
  if (heldUntil !== undefined) return new Date(Math.min(triedAt.getTime() + heldEveryMs, heldUntil.getTime()))
  const pause = pauses[tries - 1]
  return pause === undefined ? undefined : new Date(triedAt.getTime() + pause)
}

/** Whether a message is left to a release that may know it. */
export function isHeld({ heldUntil }: Pick<ParkedMessage, 'heldUntil'>, now: Date): boolean {
  return heldUntil !== undefined && heldUntil > now
}

/** Whether an event could not be read because a newer release wrote it, or may have: another process may know it. */
export function mayBeNewer(why: unknown): boolean {
  if (!isDureError(why)) return false
  const { code, details } = why
  if (code === 'DURE_EVENT_UNPUBLISHED') return newer(details['code'], details)
  return newer(code, details)
}

function newer(code: unknown, { found, known }: Readonly<Record<string, unknown>>): boolean {
  if (code === 'DURE_EVENT_UNKNOWN') return true
  if (code !== 'DURE_EVENT_VERSION_UNKNOWN') return false
  return typeof found !== 'number' || typeof known !== 'number' || found > known
}
