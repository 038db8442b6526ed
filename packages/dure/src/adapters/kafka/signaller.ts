import { produceV9 } from '@platformatic/kafka'
import { wholeOf } from './cluster.ts'
import type { TopicLog } from './topic-log.ts'

/** By the leader: what is lost with it may be lost. */
const LEADER = 1
const STORE_MS = 2000

/** Puts signals into the topic beside the topic; while one is under way only the newest of the others is kept. */
export class Signaller {
  readonly #log: TopicLog
  #newest: string | undefined
  #isBusy = false

  constructor(log: TopicLog) {
    this.#log = log
  }

  signal(body: string): void {
    this.#newest = body
    if (!this.#isBusy) void this.#send()
  }

  async #send(): Promise<void> {
    this.#isBusy = true
    // Those of one turn are as good as one.
    await Promise.resolve()
    try {
      while (this.#newest !== undefined) {
        const value = Buffer.from(this.#newest)
        this.#newest = undefined
        const { cluster, signals, seen } = this.#log
        if (seen?.signals === undefined || cluster.isClosed) return
        await cluster.ask(seen.signals.leader, (connection) =>
          wholeOf(
            produceV9.api.async(connection, LEADER, STORE_MS, [{ topic: signals, partition: 0, value }]),
          ),
        )
      }
    } catch {
      // A signal may be lost.
      this.#newest = undefined
    } finally {
      this.#isBusy = false
    }
  }
}
