import type { Session } from '../session.ts'
import { channelOf, EPOCH_BEGUN } from './channel.ts'
import type { WakeLine } from './wake-line.ts'

/** Tells those who listen to a context of commits: its own, and through the line those of others. */
export class CommitNotices {
  readonly #session: Session
  readonly #channel: string
  readonly #line: WakeLine | undefined
  readonly #listeners = new Set<() => void>()
  #leave: (() => void) | undefined

  constructor(session: Session, schema: string, line: WakeLine | undefined) {
    this.#session = session
    this.#channel = channelOf(schema)
    this.#line = line
  }

  listen(listener: () => void): () => void {
    // A function of its own, so that the same listener can be added twice.
    const added = (): void => listener()
    this.#listeners.add(added)
    this.#leave ??= this.#line?.join(this.#channel, (message) => this.#hear(message))
    return () => {
      this.#listeners.delete(added)
      if (this.#listeners.size === 0) this.#hangUp()
    }
  }

  /** Something was appended here. */
  tell(): void {
    this.#wakeListeners()
    this.#line?.ring(this.#channel)
  }

  close(): void {
    this.#listeners.clear()
    this.#hangUp()
  }

  #hear(message: string): void {
    if (message === EPOCH_BEGUN) this.#session.verify().catch(() => undefined)
    this.#wakeListeners()
  }

  #wakeListeners(): void {
    // A listener that throws must not make a commit look failed that has taken place.
    for (const listener of this.#listeners) queueMicrotask(listener)
  }

  #hangUp(): void {
    this.#leave?.()
    this.#leave = undefined
  }
}
