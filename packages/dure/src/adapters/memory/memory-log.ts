import type { InMessage, OutMessage, Signal } from '../../ports/transport.ts'

interface Kept {
  readonly number: number
  readonly message: InMessage
}

/** Where a reader stands: in which life of the topic, and after which message of it. */
export interface MemoryPlace {
  readonly life: number
  readonly number: number
}

/** What a broker keeps of one topic. A wipe begins another life of it, with numbers from 1. */
export class MemoryLog {
  readonly partitions: number
  readonly #keep: number
  readonly #wakes = new Set<() => void>()
  readonly #signalled = new Set<(signal: Signal) => void>()
  #life = 1
  #first = 1
  #messages: InMessage[] = []

  constructor(partitions: number, keep: number) {
    this.partitions = partitions
    this.#keep = keep
  }

  get end(): MemoryPlace {
    return { life: this.#life, number: this.#first + this.#messages.length - 1 }
  }

  append(messages: readonly OutMessage[]): void {
    for (const { partition, body } of messages) {
      this.#messages.push(Object.freeze({ kind: 'message', partition, body }))
    }
    const surplus = this.#messages.length - this.#keep
    if (surplus > 0) {
      this.#messages.splice(0, surplus)
      this.#first += surplus
    }
    this.wake()
  }

  last(): readonly InMessage[] {
    const found = new Map<number, InMessage>()
    for (const message of this.#messages) found.set(message.partition, message)
    return [...found.values()].toSorted((a, b) => a.partition - b.partition)
  }

  /** What follows a place, up to `limit` messages; from the first where the place is not of this life. */
  after(place: MemoryPlace, limit: number): readonly Kept[] {
    const known = place.life === this.#life && place.number <= this.end.number
    const from = known ? Math.max(place.number + 1 - this.#first, 0) : 0
    return this.#messages
      .slice(from, from + limit)
      .map((message, i) => ({ number: this.#first + from + i, message }))
  }

  get life(): number {
    return this.#life
  }

  wipe(): void {
    this.#life += 1
    this.#first = 1
    this.#messages = []
  }

  signal(body: string): void {
    for (const hear of this.#signalled) hear({ kind: 'signal', body })
  }

  /** Runs `wake` when something may have come, and `hear` for each signal; the returned function ends it. */
  listen(wake: () => void, hear: (signal: Signal) => void): () => void {
    this.#wakes.add(wake)
    this.#signalled.add(hear)
    return () => {
      this.#wakes.delete(wake)
      this.#signalled.delete(hear)
    }
  }

  wake(): void {
    for (const wake of this.#wakes) wake()
  }
}
