import { SettledLog } from './settled-log.mjs'

const PAGE = 1000
const BACKSTOP_MS = 1000

/**
 * The relay by hand: one reader, the next page read while this one is published. `pack` makes a message of a row. Woken
 * in the process after a commit.
 */
export class RelayByHand {
  #log
  #publisher
  #pack
  #onPublished
  #stopped = false
  #woken = false
  #wake = () => undefined

  constructor({ pool, schema, publisher, pack, onPublished = () => undefined, after = 0 }) {
    this.#log = new SettledLog(pool, schema, after)
    this.#publisher = publisher
    this.#pack = pack
    this.#onPublished = onPublished
    /** How many messages have been acknowledged. */
    this.published = 0
  }

  start() {
    /** Rejects when it fails. */
    this.running = this.#run()
    // Whoever waits for the messages hears of it.
    this.running.catch(() => undefined)
    return this
  }

  wake() {
    this.#woken = true
    this.#wake()
  }

  async stop() {
    this.#stopped = true
    this.#wake()
    await this.running
  }

  async #run() {
    let sent = Promise.resolve()
    let [previous, coming] = [0, this.#log.next(PAGE)]
    while (!this.#stopped) {
      const rows = await coming
      if (rows.length === PAGE) coming = this.#log.next(PAGE)
      const messages = []
      for (const row of rows) {
        messages.push(this.#pack(row, previous))
        previous = row[0]
      }
      await sent
      sent = this.#publisher.publish(messages).then(() => {
        this.published += messages.length
        this.#onPublished(this.published)
      })
      sent.catch(() => this.wake())
      if (rows.length === PAGE) continue
      await this.#more()
      this.#woken = false
      coming = this.#log.next(PAGE)
    }
    await Promise.all([sent, coming])
  }

  /** Resolves when there may be something new. */
  async #more() {
    if (this.#woken || this.#stopped) return
    let timer
    await new Promise((resolve) => {
      this.#wake = resolve
      timer = setTimeout(resolve, BACKSTOP_MS)
    })
    clearTimeout(timer)
  }
}
