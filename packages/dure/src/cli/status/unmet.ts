import type { EventStore, StoredEvent } from '../../ports/event-store.ts'
import { settled } from './settled-mark.ts'

/** Events a page. */
const page = 1000
/**
 * How many positions are looked through for one follower. A consumer that runs stores how far it has come at least every few
 * thousand, whether or not anything concerned it: one that has not for so long does not run.
 */
const most = 50_000

/** Somebody who reads a log from a position on, and whom some of its events concern. */
export interface Follower {
  readonly from: number
  readonly isUnmet: (event: StoredEvent) => boolean
}

/** How far a follower has come. */
export interface Reached {
  /** Everything up to here was met, or is none of its business. */
  readonly through: number
  /** The first event that was not met, where one was found. */
  readonly oldest?: { readonly position: number; readonly at: Date }
}

interface Look extends Follower {
  through: number
  oldest?: Reached['oldest']
  over: boolean
}

/** How far several have come in one log; what more than one of them has to look through is read once. */
export async function reachedBy(
  log: Pick<EventStore, 'openLog'>,
  followers: readonly Follower[],
): Promise<readonly Reached[]> {
  const looks: Look[] = followers.map((it) => ({ ...it, through: it.from, over: false }))
  for (let left = looks; left.length > 0; left = left.filter((it) => !it.over)) {
    const reader = log.openLog(Math.min(...left.map((it) => it.through)), 'skip')
    const events = await settled(reader, page)
    for (const it of left) look(it, events, reader.mark)
  }
  return looks.map(({ through, oldest }) => ({ through, ...(oldest && { oldest }) }))
}

function look(it: Look, events: readonly StoredEvent[], mark: number): void {
  const found = events.find((event) => event.position > it.through && it.isUnmet(event))
  if (found !== undefined) it.oldest = { position: found.position, at: found.at }
  it.through = found === undefined ? Math.max(it.through, mark) : found.position - 1
  it.over = found !== undefined || events.length === 0 || it.through - it.from >= most
}
