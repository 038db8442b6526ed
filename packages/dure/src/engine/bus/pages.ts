import type { World } from '../../kernel/world.ts'
import type { EventStore, LogReader, StoredEvent } from '../../ports/event-store.ts'
import type { Page } from '../source.ts'

/** Events read at once. */
const size = 1000
/** What other processes append is told too, but a message may get lost. */
const backstopMs = 1000

/** The log of a context for a relay, page by page: the next one is read while the last is on its way. */
export class RelayPages {
  readonly #world: World
  readonly #reader: LogReader
  readonly #unhear: () => void
  #ahead: Promise<readonly StoredEvent[]> | undefined
  /** The last mark that was handed out. */
  #told: number
  #woken = false
  #wake: () => void = () => undefined
  #closed = false

  constructor(store: EventStore, world: World, after: number) {
    this.#world = world
    this.#reader = store.openLog(after)
    this.#told = after
    this.#unhear = store.onCommit(() => this.#call())
  }

  /** Everything up to here has been read. */
  get mark(): number {
    return this.#reader.mark
  }

  /** The next events, or a mark that has moved; waits for it. Undefined once closed. */
  async next(): Promise<(Page & { readonly events: readonly StoredEvent[] }) | undefined> {
    while (!this.#closed) {
      this.#woken = false
      const ahead = this.#ahead
      const events = await (ahead ?? this.#reader.next(size))
      this.#ahead = undefined
      const through = this.#reader.mark
      const moved = through > this.#told
      this.#told = through
      if (events.length > 0) {
        // What is read ahead fails when it is asked for.
        this.#ahead = this.#reader.next(size)
        this.#ahead.catch(() => undefined)
        return { events, through }
      }
      if (moved) return { events, through }
      if (ahead === undefined) await this.#news()
    }
    return undefined
  }

  close(): void {
    this.#closed = true
    this.#unhear()
    this.#call()
  }

  #news(): Promise<void> {
    if (this.#woken || this.#closed) return Promise.resolve()
    return new Promise((resolve) => {
      const cancel = this.#world.after(backstopMs, resolve)
      this.#wake = () => {
        cancel()
        resolve()
      }
    })
  }

  #call(): void {
    this.#woken = true
    this.#wake()
  }
}
