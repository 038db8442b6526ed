import type { InMessage, Signal, TopicReader } from '../../ports/transport.ts'
import type { MemoryLog, MemoryPlace } from './memory-log.ts'

/** As many as one answer of `next` has at most. */
const PAGE = 1000

/** Reads where the log lies, so nothing is read ahead. */
export class MemoryReader implements TopicReader {
  readonly #log: MemoryLog
  readonly #isAway: () => boolean
  readonly #stop: () => void
  readonly #onClose: () => void
  #place: MemoryPlace
  #signal: Signal | undefined
  #closed = false
  #wake: (() => void) | undefined

  constructor(log: MemoryLog, place: MemoryPlace, isAway: () => boolean, onClose: () => void) {
    this.#log = log
    this.#place = place
    this.#isAway = isAway
    this.#onClose = onClose
    this.#stop = log.listen(
      () => this.#wake?.(),
      (signal) => {
        this.#signal = signal
        this.#wake?.()
      },
    )
  }

  get place(): string {
    return `${this.#place.life}-${this.#place.number}`
  }

  async next(): Promise<readonly (InMessage | Signal)[]> {
    for (;;) {
      if (this.#closed) return []
      const found = this.#take()
      if (found.length > 0) return found
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#stop()
    this.#onClose()
    this.#wake?.()
  }

  #take(): readonly (InMessage | Signal)[] {
    if (this.#isAway()) return []
    const found = this.#log.after(this.#place, PAGE)
    const last = found.at(-1)
    if (last !== undefined) this.#place = { life: this.#log.life, number: last.number }
    const signal = this.#signal
    this.#signal = undefined
    const messages = found.map((it) => it.message)
    return signal === undefined ? messages : [...messages, signal]
  }
}

/** A text that is no place is one of a life that never was. */
export function memoryPlace(text: string): MemoryPlace {
  const [, life = '0', number = '0'] = /^(\d{1,15})-(\d{1,15})$/.exec(text) ?? []
  return { life: Number(life), number: Number(number) }
}
