import type { World } from '../../kernel/world.ts'

/** How much a process takes on at once. */
export interface GateOptions {
  /** Most requests that are worked on at once. */
  readonly limit: number
  /** Most that wait for their turn. */
  readonly queue: number
  /** How long one may wait, in milliseconds. */
  readonly waitMs?: number
}

/** What a request holds while it is worked on or waits. */
export interface Place {
  state: 'waiting' | 'working' | 'gone'
  readonly since: number
  readonly onTurn: (entered: boolean) => void
}

const WAIT_MS = 1000
const TICK_MS = 50
/** A timer that is so late means that the process has no time left: what waits now would be answered too late. */
const LATE_MS = 250

/**
 * Lets so many requests be worked on at once and so many wait, for a limited time, in order; the rest is turned away at
 * once. So memory stays bounded, and what is answered is answered soon, however many ask.
 */
export class Gate {
  readonly #limit: number
  readonly #most: number
  readonly #waitMs: number
  readonly #world: World
  #working = 0
  #waiting: Place[] = []
  #first = 0
  #ticking = false
  #late = false

  constructor({ limit, queue, waitMs = WAIT_MS }: GateOptions, world: World) {
    this.#limit = limit
    this.#most = queue
    this.#waitMs = waitMs
    this.#world = world
  }

  /** Requests that are worked on now. */
  get working(): number {
    return this.#working
  }

  /** Requests that wait for their turn. */
  get waiting(): number {
    return this.#waiting.length - this.#first
  }

  /** Whether the process cannot keep up with its own timers. */
  get late(): boolean {
    return this.#late
  }

  /** Begins work on a request if there is room; who is let in leaves once. */
  enter(): boolean {
    if (this.#working >= this.#limit || this.waiting > 0) return false
    this.#working++
    if (!this.#ticking) this.#tick()
    return true
  }

  /** Waits for a turn; undefined when there is no room to wait either. `onTurn(false)` means the wait was too long. */
  wait(onTurn: (entered: boolean) => void): Place | undefined {
    if (this.#late || this.waiting >= this.#most) return undefined
    const place: Place = { state: 'waiting', since: this.#now(), onTurn }
    this.#waiting.push(place)
    return place
  }

  /** Ends the work of one request, and lets the next begin. */
  leave(): void {
    this.#working--
    this.#next()
  }

  /** Gives up a place in the queue: who waited has gone. */
  giveUp(place: Place): void {
    if (place.state === 'waiting') place.state = 'gone'
  }

  #next(): void {
    while (this.#working < this.#limit) {
      const place = this.#shift()
      if (place === undefined) return
      if (place.state === 'gone') continue
      this.#working++
      place.state = 'working'
      place.onTurn(true)
    }
  }

  #shift(): Place | undefined {
    const place = this.#waiting[this.#first]
    if (place === undefined) return undefined
    this.#first++
    // Moved together now and then: an array that is shifted at each turn costs its length each time.
    if (this.#first === this.#waiting.length || this.#first > 1024) {
      this.#waiting = this.#waiting.slice(this.#first)
      this.#first = 0
    }
    return place
  }

  // One timer for all: a timer per request would cost more than the rest of this.
  #tick(): void {
    this.#ticking = true
    const due = this.#now() + TICK_MS
    this.#world.after(TICK_MS, () => {
      const now = this.#now()
      this.#late = now - due > LATE_MS
      this.#turnAway(now - this.#waitMs)
      if (this.#working > 0 || this.waiting > 0) this.#tick()
      else this.#ticking = this.#late = false
    })
  }

  #turnAway(before: number): void {
    for (;;) {
      const place = this.#waiting[this.#first]
      if (place === undefined || (place.state === 'waiting' && place.since > before)) return
      this.#shift()
      if (place.state !== 'waiting') continue
      place.state = 'gone'
      place.onTurn(false)
    }
  }

  #now(): number {
    return this.#world.now().getTime()
  }
}
