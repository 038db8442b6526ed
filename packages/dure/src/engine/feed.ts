import type { World } from '../kernel/world.ts'
import type { EventStore, LogReader, StoredEvent } from '../ports/event-store.ts'

/** How many settled events a feed keeps for its consumers before they have to read the log themselves. */
const kept = 4096
/** Events read at once. */
const page = 500
/** Another process may append too, and it wakes nobody here. */
const backstopMs = 1000

/**
 * One reader of a context's log for all its consumers in this process: woken by commits, with a backstop poll. Hands out
 * settled events by position, so consumers never see a hole that may still be filled.
 */
export class Feed {
  readonly #store: EventStore
  readonly #world: World
  readonly #onError: (error: unknown) => void
  readonly #reader: LogReader
  // Not the reader's own mark, which runs ahead of what has been kept here while a page is on its way.
  #mark: number
  #recent: StoredEvent[] = []
  /** Everything after this position and up to the mark is in `#recent`. */
  #recentFrom: number
  readonly #catchingUp = new Map<number, LogReader>()
  #waiting: (() => void)[] = []
  #looking: (() => void)[] = []
  #advancing = false
  #woken = false
  #stop: (() => void)[] = []
  #closed = false

  /** `from`: a position that is settled, at best where the foremost consumer stands. */
  constructor(store: EventStore, world: World, from: number, onError: (error: unknown) => void) {
    this.#store = store
    this.#world = world
    this.#onError = onError
    this.#reader = store.openLog(from)
    this.#recentFrom = from
    this.#mark = from
    this.#stop.push(store.onCommit(() => this.wake()))
    this.#backstop()
  }

  /** Every position up to here is settled. */
  get mark(): number {
    return this.#mark
  }

  /** Events after a position, and the position up to which they are complete; waits until there is something new. */
  async after(position: number): Promise<{ events: readonly StoredEvent[]; through: number }> {
    while (!this.#closed && this.mark <= position) await this.#change()
    if (this.#closed) return { events: [], through: position }
    if (position < this.#recentFrom) return this.#fromLog(position)
    const first = firstAfter(this.#recent, position)
    const events = this.#recent.slice(first, first + page)
    const last = events.at(-1)
    return { events, through: events.length === page && last ? last.position : this.mark }
  }

  // A consumer that is far behind reads by itself, page by page with one reader, which waits at its next position.
  async #fromLog(position: number): Promise<{ events: readonly StoredEvent[]; through: number }> {
    const reader = this.#catchingUp.get(position) ?? this.#store.openLog(position)
    this.#catchingUp.delete(position)
    const events = await reader.next(page)
    const through = events.at(-1)?.position ?? Math.max(position, reader.mark)
    if (through > position && through < this.#recentFrom) this.#catchingUp.set(through, reader)
    return { events, through }
  }

  /** Looks for new events now. */
  wake(): void {
    this.#woken = true
    if (!this.#advancing && !this.#closed) void this.#advance()
  }

  /** Reads what is settled now; resolves when a look that began after this call has ended. */
  look(): Promise<void> {
    if (this.#closed) return Promise.resolve()
    return new Promise((resolve) => {
      this.#looking.push(resolve)
      this.wake()
    })
  }

  async #advance(): Promise<void> {
    this.#advancing = true
    try {
      while (this.#woken && !this.#closed) {
        this.#woken = false
        const asked = this.#looking.length
        const before = this.mark
        const events = await this.#reader.next(page)
        this.#keep(events)
        this.#mark = Math.max(before, this.#reader.mark)
        if (events.length > 0) this.#woken = true
        if (this.mark > before) this.#notify()
        // Who asked is answered by a look that found nothing more.
        if (events.length === 0) for (const resolve of this.#looking.splice(0, asked)) resolve()
      }
    } catch (error) {
      if (!this.#closed) this.#onError(error)
    } finally {
      this.#advancing = false
    }
  }

  #keep(events: readonly StoredEvent[]): void {
    this.#recent.push(...events)
    if (this.#recent.length <= 2 * kept) return
    const dropped = this.#recent.length - kept
    this.#recentFrom = (this.#recent[dropped - 1] as StoredEvent).position
    this.#recent = this.#recent.slice(dropped)
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  #notify(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }

  #backstop(): void {
    const cancel = this.#world.after(backstopMs, () => {
      this.wake()
      if (!this.#closed) this.#backstop()
    })
    this.#stop = [this.#stop[0] as () => void, cancel]
  }

  close(): void {
    this.#closed = true
    for (const stop of this.#stop) stop()
    this.#notify()
    for (const resolve of this.#looking.splice(0)) resolve()
  }
}

/** The index of the first event after a position, by halving: every consumer asks once for each page. */
function firstAfter(events: readonly StoredEvent[], position: number): number {
  let [low, high] = [0, events.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((events[middle] as StoredEvent).position > position) high = middle
    else low = middle + 1
  }
  return low
}
