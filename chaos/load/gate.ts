/** Lets work through while it is open; closing waits for what is under way. */
export class Gate {
  #open = Promise.withResolvers<void>()
  #underway = 0
  #isClosed = false
  #idle: (() => void) | undefined

  constructor() {
    this.#open.resolve()
  }

  async pass(work: () => Promise<void>): Promise<void> {
    while (this.#isClosed) await this.#open.promise
    this.#underway++
    try {
      await work()
    } finally {
      if (--this.#underway === 0) this.#idle?.()
    }
  }

  close(): Promise<void> {
    if (!this.#isClosed) {
      this.#isClosed = true
      this.#open = Promise.withResolvers()
    }
    if (this.#underway === 0) return Promise.resolve()
    return new Promise((resolve) => (this.#idle = resolve))
  }

  open(): void {
    this.#isClosed = false
    this.#idle = undefined
    this.#open.resolve()
  }
}
