import type { ContextRuntime } from '../../app/context-runtime.ts'
import type { Place } from '../../app/token.ts'
import type { World } from '../../kernel/world.ts'
import type { InboxState } from '../../ports/inbox.ts'
import type { Arrival } from '../arrival.ts'
import { isLost } from '../consuming/lineage.ts'
import type { Source } from '../source.ts'

/** Events looked through at once. */
const page = 500
/** Between two looks, in milliseconds: soon at first, since what is waited for has mostly just happened. */
const [shortest, longest] = [10, 200]

interface Settings {
  readonly name: string
  readonly source: Source
  readonly target: ContextRuntime
  readonly world: World
  /** Whether an event concerns the consumer at all. */
  readonly concerns: (event: Arrival) => boolean
}

/**
 * A consumer that runs in other processes, as its watermarks in the store tell of it: a process that does none of the work
 * asks here how far it has come.
 */
export class StoredConsumer {
  readonly #it: Settings
  #through = 0
  #stored = 0
  #epoch = ''

  constructor(settings: Settings) {
    this.#it = settings
  }

  get name(): string {
    return this.#it.name
  }

  get source(): string {
    return this.#it.source.name
  }

  /** Everything of the source up to here was met, or does not concern it, when it was looked at last. */
  get through(): number {
    return this.#through
  }

  /** Whether it is not known to have met a place in the log of its source that the log still has. */
  lacks(place: Place): boolean {
    return place.context === this.source && this.#through < place.position && !isLost(this.#it.source, place)
  }

  /** Resolves when everything up to the position has been met, `Infinity` for all that is settled now; or at the signal. */
  async reached(position: number, signal?: AbortSignal): Promise<void> {
    for (let ms = shortest; ; ms = Math.min(longest, ms * 2)) {
      if (signal?.aborted === true || (await this.#look(position))) return
      await this.#pause(ms, signal)
    }
  }

  async #look(position: number): Promise<boolean> {
    const { name, source, target } = this.#it
    const state = await target.store.readInbox(name, source.name)
    this.#heed(state, source.epoch)
    if (state.epoch !== undefined && state.epoch !== source.epoch) return false
    const reader = source.openLog(this.#through)
    // A hole at the end of the log takes a reader a second look.
    for (let empty = 0; this.#through < position && empty < 2;) {
      const events = await reader.next(page)
      const unmet = events.find((it) => this.#isUnmet(it, state))
      if (unmet !== undefined) {
        this.#through = Math.max(this.#through, unmet.position - 1)
        return false
      }
      this.#through = Math.max(this.#through, reader.mark)
      empty = events.length > 0 ? 0 : empty + 1
    }
    return position === Number.POSITIVE_INFINITY || this.#through >= position
  }

  // A log that was restored, and a view that is built anew: what was seen before says nothing any more.
  #heed({ through }: InboxState, epoch: string): void {
    if (this.#epoch !== epoch || through < this.#stored) this.#through = 0
    this.#epoch = epoch
    this.#stored = through
    this.#through = Math.max(this.#through, through)
  }

  #isUnmet(event: Arrival, { slices }: InboxState): boolean {
    return event.position > (slices.get(event.slice) ?? 0) && this.#it.concerns(event)
  }

  #pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#it.world.after(ms, resolve)
      signal?.addEventListener('abort', () => {
        cancel()
        resolve()
      })
    })
  }
}
