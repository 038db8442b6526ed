import { headers, type Msg, type Subscription } from '@nats-io/transport-node'
import type { DureError } from '../../kernel/error.ts'
import type { OutMessage } from '../../ports/transport.ts'
import type { ApiError } from './api-error.ts'
import { type Link, textOf } from './link.ts'
import type { Stream } from './stream.ts'

/** A server answers for what it cannot take in with an error from 10,000 messages or 128 MB under way. */
const CHUNK_MESSAGES = 1000
const CHUNK_BYTES = 8 * 1024 * 1024
/** As long as any acknowledgement comes, waiting goes on. */
const ACK_MS = 5000

interface Encoded {
  readonly subject: string
  readonly id: string
  readonly data: Uint8Array
}

/** What came of a chunk that was sent, unless it is an error. */
type Outcome = 'stored' | 'nobody'

interface Chunk {
  waiting: number
  nobody: number
  heard: boolean
  readonly done: (outcome: Outcome) => void
  readonly fail: (error: DureError) => void
}

const encoder = new TextEncoder()

/**
 * Publishes chunks of messages that all ask for their acknowledgement at one reply subject, where they are only counted.
 * That takes a tenth of what a request and a promise for each would. One chunk is stored before the next is sent.
 */
export class BulkPublisher {
  readonly #link: Link
  readonly #stream: Stream
  readonly #subjectOf: (partition: number) => string
  readonly #withIds: boolean
  readonly #inbox: string
  readonly #good: Uint8Array
  readonly #chunks = new Map<string, Chunk>()
  #subscription: Subscription | undefined
  #sent = 0
  #salt = ''

  constructor(link: Link, stream: Stream, subjectOf: (partition: number) => string, withIds: boolean) {
    this.#withIds = withIds
    this.#link = link
    this.#stream = stream
    this.#subjectOf = subjectOf
    this.#inbox = link.newInbox()
    // How an acknowledgement by this stream begins; a responder of another kind could sit on the subject.
    this.#good = encoder.encode(`{"stream":"${stream.name}"`)
  }

  /** @throws DURE_TRANSPORT_UNAVAILABLE, DURE_TRANSPORT_UNSUITABLE, DURE_TRANSPORT_CLOSED */
  async publish(messages: readonly OutMessage[]): Promise<void> {
    let chunk: Encoded[] = []
    let bytes = 0
    for (const { partition, id, body } of messages) {
      const data = encoder.encode(body)
      if (chunk.length === CHUNK_MESSAGES || bytes + data.length > CHUNK_BYTES) {
        await this.#store(chunk)
        chunk = []
        bytes = 0
      }
      chunk.push({ subject: this.#subjectOf(partition), id, data })
      bytes += data.length
    }
    await this.#store(chunk)
  }

  async #store(chunk: readonly Encoded[]): Promise<void> {
    if (chunk.length === 0) return
    try {
      if ((await this.#send(chunk)) === 'stored') return
      // Nobody took some of them: the stream was deleted, or its server was wiped.
      await this.#stream.ensure()
      this.#newSalt()
      if ((await this.#send(chunk)) === 'stored') return
      throw this.#link.unavailable(`nobody takes messages for the stream ${this.#stream.name}`)
    } catch (error) {
      this.#newSalt()
      throw error
    }
  }

  /**
   * Of a chunk that failed, some messages may be stored without those before them. Published again under the same ids they
   * would be dropped as repetitions, and the others would come to stand behind them, out of order.
   */
  #newSalt(): void {
    this.#salt = `~${this.#link.timers.random().toString(36).slice(2, 10)}`
  }

  #send(messages: readonly Encoded[]): Promise<Outcome> {
    const { connection } = this.#link
    return new Promise<Outcome>((resolve, reject) => {
      this.#link.checkUp()
      this.#listen()
      const token = (++this.#sent).toString(36)
      const reply = `${this.#inbox}.${token}`
      const over = (): void => {
        this.#chunks.delete(token)
        forget()
        cancel()
      }
      const chunk: Chunk = {
        waiting: messages.length,
        nobody: 0,
        heard: false,
        done: (outcome) => (over(), resolve(outcome)),
        fail: (error) => (over(), reject(error)),
      }
      const forget = this.#link.onLost(chunk.fail)
      let cancel = this.#link.timers.after(ACK_MS, check)
      const salt = this.#salt
      const { timers } = this.#link
      const late = (): DureError =>
        this.#link.unavailable(
          `${chunk.waiting} of ${messages.length} messages were not acknowledged in time`,
        )
      function check(): void {
        if (!chunk.heard) return chunk.fail(late())
        chunk.heard = false
        cancel = timers.after(ACK_MS, check)
      }
      this.#chunks.set(token, chunk)
      // One object for all: the client has written a message when `publish` returns.
      const withId = this.#withIds ? headers() : undefined
      const options = withId === undefined ? { reply } : { reply, headers: withId }
      try {
        for (const { subject, id, data } of messages) {
          withId?.set('Nats-Msg-Id', `${id}${salt}`)
          connection.publish(subject, data, options)
        }
      } catch (error) {
        chunk.fail(this.#link.unavailable(textOf(error), error))
      }
    })
  }

  #listen(): void {
    if (this.#subscription !== undefined && !this.#subscription.isClosed()) return
    this.#subscription = this.#link.connection.subscribe(`${this.#inbox}.*`, {
      callback: (error, message) => {
        if (error === null) return this.#acknowledged(message)
        const failure = this.#link.unavailable(textOf(error), error)
        for (const chunk of this.#chunks.values()) chunk.fail(failure)
      },
    })
  }

  #acknowledged(message: Msg): void {
    const chunk = this.#chunks.get(message.subject.slice(this.#inbox.length + 1))
    if (chunk === undefined) return
    chunk.heard = true
    if (!this.#isGood(message.data)) {
      if (message.data.length > 0 || message.headers?.code !== 503) return chunk.fail(this.#refused(message))
      chunk.nobody += 1
    }
    chunk.waiting -= 1
    if (chunk.waiting === 0) chunk.done(chunk.nobody > 0 ? 'nobody' : 'stored')
  }

  #isGood(data: Uint8Array): boolean {
    const good = this.#good
    if (data.length < good.length) return false
    for (let i = 0; i < good.length; i++) if (data[i] !== good[i]) return false
    return true
  }

  #refused(message: Msg): DureError {
    try {
      const { error } = message.json<{ readonly error?: ApiError }>()
      if (error !== undefined) {
        return this.#link.unavailable(`a message was refused: ${error.description ?? error.code}`)
      }
    } catch {
      // No JSON at all: said below.
    }
    return this.#link.unavailable(`somebody else than the stream ${this.#stream.name} answered for a message`)
  }
}
