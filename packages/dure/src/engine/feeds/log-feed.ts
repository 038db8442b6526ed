import { isDureError } from '../../kernel/error.ts'
import type { World } from '../../kernel/world.ts'
import type { EventStore, LogReader } from '../../ports/event-store.ts'
import { sharedUpTo } from '../consuming/lineage.ts'
import type { Page } from '../source.ts'
import type { Feed } from './feed.ts'
import { Recent } from './recent.ts'

/** Events read at once. */
const page = 500
/** What other processes append is told too, but a message may get lost. */
const backstopMs = 1000

/**
 * One reader of a context's log for all its consumers in this process: woken by commits, with a backstop poll. Hands out
 * settled events by position, so consumers never see a hole that may still be filled.
 */
export class LogFeed implements Feed {
  readonly #store: EventStore
  readonly #world: World
  readonly #onError: (error: unknown) => void
  #reader: LogReader
  readonly #recent: Recent
  #looking: (() => void)[] = []
  #advancing = false
  #woken = false
  readonly #unhear: () => void
  #cancelBackstop: () => void = () => undefined
  #closed = false
  /** The epoch of what was kept. */
  #epoch: string

  /** `from`: a position that is settled, at best where the foremost consumer stands. */
  constructor(store: EventStore, world: World, from: number, onError: (error: unknown) => void) {
    this.#store = store
    this.#epoch = store.epoch
    this.#world = world
    this.#onError = onError
    this.#reader = store.openLog(from)
    this.#recent = new Recent(from, (after) => store.openLog(after))
    const unhearCommits = store.onCommit(() => this.wake())
    const unhearEpochs = store.onEpoch(() => this.#cut())
    this.#unhear = () => {
      unhearCommits()
      unhearEpochs()
    }
    this.#backstop()
  }

  get mark(): number {
    return this.#recent.mark
  }

  after(position: number): Promise<Page> {
    return this.#recent.after(position)
  }

  /** None is needed: the log is read by position. */
  placeAt(): undefined {
    return undefined
  }

  wake(): void {
    this.#woken = true
    if (!this.#advancing && !this.#closed) void this.#advance()
  }

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
        const epoch = this.#epoch
        const events = await this.#reader.next(page)
        if (this.#epoch !== epoch) return this.#beginAnew()
        this.#recent.keep(events)
        this.#recent.reach(this.#reader.mark)
        if (events.length > 0) this.#woken = true
        // Who asked is answered by a look that found nothing more.
        if (events.length === 0) for (const resolve of this.#looking.splice(0, asked)) resolve()
      }
    } catch (error) {
      if (isDureError(error, 'DURE_STORE_EPOCH')) this.#beginAnew()
      else if (!this.#closed) this.#onError(error)
    } finally {
      this.#advancing = false
    }
  }

  /** The log was restored: what this epoch shares with the one before is as it was read, the rest is other. */
  #beginAnew(): void {
    this.#cut()
    this.#reader = this.#store.openLog(this.#recent.mark)
    queueMicrotask(() => this.wake())
  }

  #cut(): void {
    this.#recent.cut(Math.min(this.#recent.mark, sharedUpTo(this.#store, this.#epoch) ?? 0))
    this.#epoch = this.#store.epoch
  }

  #backstop(): void {
    this.#cancelBackstop = this.#world.after(backstopMs, () => {
      this.wake()
      if (!this.#closed) this.#backstop()
    })
  }

  close(): void {
    this.#closed = true
    this.#unhear()
    this.#cancelBackstop()
    this.#recent.close()
    for (const resolve of this.#looking.splice(0)) resolve()
  }
}
