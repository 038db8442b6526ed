import type { Msg, Subscription } from '@nats-io/transport-node'
import { apiFault } from './api-error.ts'
import { type ApiAnswer, type Link, textOf } from './link.ts'

/** What is asked of the server at a time. The next is asked for when half of it has come, so that it need not wait. */
export const PULL_MESSAGES = 1000
const LOW_MESSAGES = PULL_MESSAGES / 2
const PULL_BYTES = 8 * 1024 * 1024
const PULL_MS = 30_000
const HEARTBEAT_MS = 5000
const FAREWELL_MS = 1000
const NS_PER_MS = 1_000_000

/** A consumer that nobody asks is removed by the server after this. */
const IDLE_MS = 5 * 60_000

/** What a consumer hands on. */
export interface Receiver {
  received(message: Msg, seq: number, time: string): void
  /** What was asked for has come, or has not come in time: ask again, if there is room. */
  ready(): void
}

interface ConsumerAnswer extends ApiAnswer {
  readonly name: string
}

/**
 * Reads a stream from a number on, without acknowledgements: what came is counted instead. It ends at whatever could mean
 * that a message is missing, and is never mended; who reads makes another one.
 */
export class PullConsumer {
  /** Resolves when it has ended. */
  readonly ended: Promise<void>
  readonly #link: Link
  readonly #stream: string
  readonly #name: string
  readonly #receiver: Receiver
  readonly #inbox: string
  readonly #subscription: Subscription
  readonly #forget: () => void
  #end: () => void = () => undefined
  #isOver = false
  /** Whether anything came since it was made, and since the watch last looked. */
  #wasHeard = false
  #heard = false
  #delivered = 0
  /** How many messages the server may still send for pulls that it has not ended. */
  #asked = 0
  #pulls = 0
  #sinceTold = 0
  #cancelWatch: (() => void) | undefined
  #removal: Promise<unknown> | undefined

  constructor(link: Link, stream: string, name: string, receiver: Receiver) {
    this.#link = link
    this.#stream = stream
    this.#name = name
    this.#receiver = receiver
    this.#inbox = link.newInbox()
    this.ended = new Promise((resolve) => (this.#end = resolve))
    this.#subscription = link.connection.subscribe(`${this.#inbox}.*`, {
      callback: (error, message) => {
        if (this.#isOver) return
        if (error === null) this.#incoming(message)
        else this.stop()
      },
    })
    this.#forget = link.onLost(() => this.stop())
  }

  /** @throws DURE_TRANSPORT_UNAVAILABLE, DURE_TRANSPORT_UNSUITABLE, DURE_TRANSPORT_CLOSED */
  static async open(link: Link, stream: string, after: number, receiver: Receiver): Promise<PullConsumer> {
    const config = {
      ack_policy: 'none',
      deliver_policy: 'by_start_sequence',
      opt_start_seq: after + 1,
      replay_policy: 'instant',
      inactive_threshold: IDLE_MS * NS_PER_MS,
      mem_storage: true,
      num_replicas: 1,
    }
    const question = { stream_name: stream, config }
    const made = await link.ask<ConsumerAnswer>(`CONSUMER.CREATE.${stream}`, question)
    if (made.error !== undefined) throw apiFault(link.transport, stream, made.error)
    return new PullConsumer(link, stream, made.name, receiver)
  }

  get wasHeard(): boolean {
    return this.#wasHeard
  }

  pull(): void {
    if (this.#isOver || this.#asked > LOW_MESSAGES) return
    this.#asked += PULL_MESSAGES
    const pull = {
      batch: PULL_MESSAGES,
      // The server ends a pull at a message that does not fit in what is left of it: each has to fit in a whole one.
      max_bytes: Math.max(PULL_BYTES, 2 * this.#link.maxPayload),
      expires: PULL_MS * NS_PER_MS,
      idle_heartbeat: HEARTBEAT_MS * NS_PER_MS,
    }
    try {
      const subject = `$JS.API.CONSUMER.MSG.NEXT.${this.#stream}.${this.#name}`
      this.#link.connection.publish(subject, JSON.stringify(pull), {
        reply: `${this.#inbox}.${++this.#pulls}`,
      })
      this.#watch()
    } catch {
      this.stop()
    }
  }

  /** Stops reading. The server forgets the consumer at once if it can be told, else later by itself. */
  stop(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#forget()
    this.#cancelWatch?.()
    this.#subscription.unsubscribe()
    this.#end()
  }

  /** Stops reading and tells the server; resolves when it has answered, or will not. */
  remove(): Promise<unknown> {
    this.stop()
    const subject = `CONSUMER.DELETE.${this.#stream}.${this.#name}`
    return (this.#removal ??= this.#link.ask(subject, undefined, FAREWELL_MS).catch(textOf))
  }

  #incoming(message: Msg): void {
    this.#heard = true
    const { reply = '' } = message
    if (reply === '') return this.#told(message)
    const [seq, delivered, time] = sequences(reply)
    // A number left out is a message that was sent and did not arrive.
    if (delivered !== this.#delivered + 1) return this.stop()
    this.#delivered = delivered
    this.#wasHeard = true
    this.#sinceTold += 1
    this.#asked -= 1
    this.#receiver.received(message, seq, time)
    if (this.#asked === LOW_MESSAGES || this.#asked <= 0) this.#receiver.ready()
  }

  /** A message of the server about the pull. */
  #told({ headers }: Msg): void {
    const code = headers?.code ?? 0
    if (code === 100) return this.#compare(headers?.get('Nats-Last-Consumer') ?? '')
    // 408: nothing more has come in time. 409 after some messages: the next did not fit in the pull.
    const isFull = code === 409 && this.#sinceTold > 0 && !isFinal(headers?.description)
    const isOrdinary = code === 408 || code === 404 || isFull
    this.#sinceTold = 0
    // Without the header none is left: at worst more is asked for than is needed.
    const left = headers?.get('Nats-Pending-Messages') ?? ''
    this.#asked = left === '' ? 0 : Math.max(this.#asked - Number(left), 0)
    if (!isOrdinary) return this.stop()
    this.#wasHeard = true
    this.#receiver.ready()
  }

  /** A heartbeat says what was sent last; when that did not arrive, nothing would tell until the next message. */
  #compare(lastSent: string): void {
    if (lastSent !== '' && Number(lastSent) > this.#delivered) this.stop()
  }

  #watch(): void {
    this.#cancelWatch ??= this.#link.timers.after(2 * HEARTBEAT_MS + 2000, () => {
      this.#cancelWatch = undefined
      if (this.#asked <= 0) return
      if (!this.#heard) return this.stop()
      this.#heard = false
      this.#watch()
    })
  }
}

const isFinal = (description = ''): boolean => /deleted|leadership|shutdown/i.test(description)

/**
 * The number of a message in the stream, in the consumer, and its time in ns, from the subject to acknowledge it at:
 * `$JS.ACK.stream.consumer.deliveries.seq.delivered.time.pending`, with a domain and an account in front of the stream on
 * servers that have them, and a token behind.
 */
function sequences(reply: string): readonly [seq: number, delivered: number, time: string] {
  const tokens = reply.split('.')
  const skip = tokens.length === 9 ? 0 : 2
  return [Number(tokens[5 + skip]), Number(tokens[6 + skip]), tokens[7 + skip] ?? '0']
}
