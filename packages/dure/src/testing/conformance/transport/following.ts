import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import type { InMessage, Signal, TopicReader } from '../../../ports/transport.ts'

/** Follows a reader and keeps what it says; one call of `next` is under way at most. */
export class Following {
  readonly reader: TopicReader
  readonly messages: InMessage[] = []
  readonly signals: string[] = []
  #next: Promise<void> | undefined

  constructor(reader: TopicReader) {
    this.reader = reader
  }

  /** Reads until `done` holds; fails after the deadline, telling how far it came. */
  async until(done: () => boolean, deadlineMs = 20_000): Promise<void> {
    const late = new AbortController()
    const deadline = pause(deadlineMs, 'late', { signal: late.signal }).catch(() => 'late')
    try {
      while (!done()) {
        if ((await Promise.race([this.#step(), deadline])) === 'late') this.#fail(deadlineMs)
      }
    } finally {
      late.abort()
    }
  }

  /** Reads until there are so many messages. */
  async count(count: number, deadlineMs?: number): Promise<readonly InMessage[]> {
    await this.until(() => this.messages.length >= count, deadlineMs)
    return this.messages
  }

  /** Lets time pass and reads what comes meanwhile. */
  async linger(ms: number): Promise<void> {
    const over = pause(ms, 'over')
    while ((await Promise.race([this.#step(), over])) !== 'over') continue
  }

  #step(): Promise<void> {
    return (this.#next ??= this.reader.next().then((found) => {
      this.#next = undefined
      assert.ok(found.length > 0, 'next() is empty, and nobody closed the reader')
      for (const each of found) this.#keep(each)
      const signals = found.filter((it) => it.kind === 'signal')
      assert.ok(signals.length <= 1, `${signals.length} signals in one answer; only the newest counts`)
    }))
  }

  #keep(found: InMessage | Signal): void {
    if (found.kind === 'signal') this.signals.push(found.body)
    else this.messages.push(found)
  }

  #fail(deadlineMs: number): never {
    const last = this.messages.at(-1)?.body.slice(0, 60)
    assert.fail(`after ${deadlineMs} ms only ${this.messages.length} messages were read, the last is ${last}`)
  }
}
