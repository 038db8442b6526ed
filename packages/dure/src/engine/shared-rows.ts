import type { InboxMove } from '../ports/event-store.ts'
import type { ContextStore } from '../ports/store.ts'

const source = '$rows'

/**
 * The rows of a view that hears several contexts. Its consumers have a watermark each, which do not know of one another, so
 * two processes could both write what they made of the same rows. Every commit of theirs therefore moves one mark that they
 * share; it is read before the rows are.
 */
export class SharedRows {
  readonly #store: ContextStore
  readonly #consumer: string

  constructor(store: ContextStore, consumer: string) {
    this.#store = store
    this.#consumer = consumer
  }

  /** The move that is refused if somebody else writes the rows meanwhile. */
  async take(): Promise<InboxMove> {
    const consumer = this.#consumer
    const from = (await this.#store.readInbox(consumer, source)).slices.get(0) ?? 0
    return { consumer, source, epoch: '', slices: [{ slice: 0, from, to: from + 1 }], through: from + 1 }
  }
}
