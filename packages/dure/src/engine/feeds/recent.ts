import type { Arrival } from '../arrival.ts'
import type { Page, SourceReader } from '../source.ts'

/** How many events are kept for consumers before they have to read the log themselves. */
const kept = 4096
/** Events handed out at once. */
const page = 500

/**
 * The latest events of a source, for all consumers of it in this process. A consumer that is further behind reads the log
 * by itself, so what is kept here never grows with the slowest.
 */
export class Recent {
  readonly #openLog: (after: number) => SourceReader
  #events: Arrival[] = []
  /** Everything after this position and up to the mark is in `#events`. */
  #from: number
  #mark: number
  readonly #catchingUp = new Map<number, SourceReader>()
  #waiting: (() => void)[] = []
  #closed = false

  constructor(from: number, openLog: (after: number) => SourceReader) {
    this.#from = from
    this.#mark = from
    this.#openLog = openLog
  }

  /** Everything up to here has been kept, or was never to come. */
  get mark(): number {
    return this.#mark
  }

  /** Takes events that follow all that were kept before; they are handed out once the mark has passed them. */
  keep(events: readonly Arrival[]): void {
    this.#events.push(...events)
    if (this.#events.length <= 2 * kept) return
    const dropped = this.#events.length - kept
    this.#from = (this.#events[dropped - 1] as Arrival).position
    this.#events = this.#events.slice(dropped)
  }

  /** Everything up to the position has been kept. */
  reach(position: number): void {
    if (position <= this.#mark) return
    this.#mark = position
    this.#notify()
  }

  /** Takes back what lies after the position: a restored log has other events there. */
  cut(position: number): void {
    if (position >= this.#mark) return
    this.#events = this.#events.slice(0, firstAfter(this.#events, position))
    this.#from = Math.min(this.#from, position)
    this.#mark = position
    this.#catchingUp.clear()
  }

  /** Events after a position, and the position up to which they are complete; waits until there is something new. */
  async after(position: number): Promise<Page> {
    while (!this.#closed && this.#mark <= position) await this.#change()
    if (this.#closed) return { events: [], through: position }
    if (position < this.#from) return this.#fromLog(position)
    const first = firstAfter(this.#events, position)
    const found = this.#events.slice(first, first + page)
    const events =
      (found.at(-1)?.position ?? 0) > this.#mark ? found.filter((it) => it.position <= this.#mark) : found
    const last = events.at(-1)
    return { events, through: events.length === page && last ? last.position : this.#mark }
  }

  // Page by page with one reader, which waits at its next position.
  async #fromLog(position: number): Promise<Page> {
    const reader = this.#catchingUp.get(position) ?? this.#openLog(position)
    this.#catchingUp.delete(position)
    const events = await reader.next(page)
    const through = events.at(-1)?.position ?? Math.max(position, reader.mark)
    if (through > position && through < this.#from) this.#catchingUp.set(through, reader)
    return { events, through }
  }

  close(): void {
    this.#closed = true
    this.#notify()
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  #notify(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }
}

/** The index of the first event after a position, by halving: every consumer asks once for each page. */
function firstAfter(events: readonly Arrival[], position: number): number {
  let [low, high] = [0, events.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((events[middle] as Arrival).position > position) high = middle
    else low = middle + 1
  }
  return low
}
