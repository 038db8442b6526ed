import type { Arrival, PublishedEvent, PublishedPart } from '../arrival.ts'
import type { Piece } from './wire.ts'

/** So many events ahead of a gap are waited with; then what is missing is looked for at once. */
const crowd = 1000

interface Ahead {
  readonly previous: number
  readonly position: number
  readonly arrival: Arrival | undefined
}

/** What is missing between what has come. */
export interface Gap {
  /** The last position that is missing. */
  readonly upTo: number
  readonly since: number
  readonly crowded: boolean
}

/**
 * Puts what comes from a topic into the order of the log: every message names the position before it, and waits for that.
 * Knows no time but what it is told.
 */
export class Chain {
  #seen: number
  /** Pieces of an event of which some are still to come. */
  #pieces: { readonly position: number; readonly parts: (Piece | undefined)[] } | undefined
  #ahead = new Map<number, Ahead>()
  #since = 0

  constructor(seen: number) {
    this.#seen = seen
  }

  /** Everything published up to here has come. */
  get seen(): number {
    return this.#seen
  }

  get waits(): boolean {
    return this.#ahead.size > 0
  }

  get gap(): Gap | undefined {
    let upTo = Number.POSITIVE_INFINITY
    for (const { previous } of this.#ahead.values()) upTo = Math.min(upTo, previous)
    return this.#ahead.size === 0
      ? undefined
      : { upTo, since: this.#since, crowded: this.#ahead.size > crowd }
  }

  /** The event once all its pieces are there; undefined before, and for one that has come already. */
  join(piece: Piece): PublishedEvent | 'elsewhere' | undefined {
    const { position } = piece.event
    if (position <= this.#seen || this.#ahead.has(position)) return undefined
    if (piece.pieces === 1) return whole([piece])
    if (this.#pieces?.position !== position) {
      this.#pieces = { position, parts: Array.from({ length: piece.pieces }) }
    }
    const { parts } = this.#pieces
    parts[piece.piece - 1] = piece
    if (parts.some((it) => it === undefined)) return undefined
    this.#pieces = undefined
    return whole(parts as Piece[])
  }

  /** Takes an event; returns those that can be handed on now, in order. `undefined` stands for one that the log has not. */
  take({ previous, event }: Piece, arrival: Arrival | undefined, now: number): readonly Arrival[] {
    if (this.#ahead.size === 0) this.#since = now
    this.#ahead.set(event.position, { previous, position: event.position, arrival })
    return this.#drain()
  }

  /** What was missing up to a position has been found elsewhere. */
  skipTo(position: number): readonly Arrival[] {
    this.#seen = Math.max(this.#seen, position)
    for (const it of this.#ahead.keys()) if (it <= this.#seen) this.#ahead.delete(it)
    return this.#drain()
  }

  /** Forgets what lies after a position. */
  cut(position: number): void {
    this.#seen = Math.min(this.#seen, position)
    this.#pieces = undefined
    this.#ahead.clear()
  }

  #drain(): readonly Arrival[] {
    const ready: Arrival[] = []
    for (let found = this.#following(); found !== undefined; found = this.#following()) {
      this.#ahead.delete(found.position)
      this.#seen = found.position
      if (found.arrival !== undefined) ready.push(found.arrival)
    }
    return ready
  }

  #following(): Ahead | undefined {
    let first: Ahead | undefined
    for (const it of this.#ahead.values()) {
      if (it.previous <= this.#seen && (first === undefined || it.position < first.position)) first = it
    }
    return first
  }
}

/** An event of all its pieces; at least one. */
export function whole(pieces: readonly Piece[]): PublishedEvent | 'elsewhere' {
  const [first] = pieces as [Piece]
  if (pieces.some((it) => it.elsewhere)) return 'elsewhere'
  const published = pieces.flatMap((it): PublishedPart[] => (it.published ? [it.published] : []))
  return {
    ...first.event,
    published,
    ...(first.unreadable !== undefined && { unreadable: first.unreadable }),
  }
}
