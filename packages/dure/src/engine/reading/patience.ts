import type { Place } from '../../app/token.ts'
import { fault } from '../../kernel/errors/fault.ts'
import { leftOf, waitFor, type Limits } from '../../kernel/limits.ts'
import type { World } from '../../kernel/world.ts'

/** How long a query waits for a view that is behind the caller's token. */
const patienceMs = 5000
/** The longest that a timer can run. */
const longest = 2 ** 31 - 1

/** What can be waited for until it has met a place. */
interface Reaching {
  lacks(place: Place): boolean
  reached(position: number, signal?: AbortSignal): Promise<void>
}

/** Waits until the consumers of a view have met the places. @throws DURE_VIEW_BEHIND, DURE_CALL_CANCELLED */
export async function reachedInTime(
  consumers: readonly Reaching[],
  view: string,
  places: readonly Place[],
  world: World,
  limits: Limits,
): Promise<void> {
  const behind = consumers.flatMap((consumer) =>
    places.filter((it) => consumer.lacks(it)).map(({ position }) => ({ consumer, position })),
  )
  if (behind.length === 0) return
  const over = new AbortController()
  const waits = behind.map(({ consumer, position }) => consumer.reached(position, over.signal))
  const ms = Math.min(leftOf(limits, world) ?? patienceMs, patienceMs)
  const patience = {
    ms,
    late: () => fault('DURE_VIEW_BEHIND', { view, waitedMs: ms }),
    cancelled: () => fault('DURE_CALL_CANCELLED', { what: `the view ${view}` }),
    signal: limits.signal,
    alive: true,
  }
  await waitFor(Promise.all(waits), world, patience).finally(() => over.abort())
}

/** As the work itself; the loops keep no process alive, and who waits for them does. */
export async function keepingAlive(world: World, work: Promise<void>): Promise<void> {
  const release = world.after(longest, () => undefined, true)
  await work.finally(release)
}
