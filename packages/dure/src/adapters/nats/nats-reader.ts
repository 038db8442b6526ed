import type { Msg, Subscription } from '@nats-io/transport-node'
import type { InMessage, Signal, TopicReader } from '../../ports/transport.ts'
import { type Link, textOf } from './link.ts'
import { nowhere, type Place, placeText } from './place.ts'
import { PULL_MESSAGES, PullConsumer, type Receiver } from './pull-consumer.ts'
import type { Stream, StreamState } from './stream.ts'
import { pause } from './timers.ts'

/** What lies unread at most when more is asked for. */
const LOW_MESSAGES = PULL_MESSAGES / 2
const LOW_BYTES = 4 * 1024 * 1024

const FIRST_PAUSE_MS = 20
const LONGEST_PAUSE_MS = 2000

export interface ReaderParts {
  readonly link: Link
  readonly stream: Stream
  /** How long the subject of a message is before its partition. */
  readonly prefix: number
  readonly signals: string
  readonly onClose: (reader: NatsReader) => void
}

/** Follows a stream by one consumer after another; each begins where what has been received ends. */
export class NatsReader implements TopicReader, Receiver {
  readonly #parts: ReaderParts
  readonly #signals: Subscription
  #consumer: PullConsumer | undefined
  #unread: InMessage[] = []
  #unreadBytes = 0
  #signal: Signal | undefined
  /** After the last message received, and after the last one that `next` has returned. */
  #received: Place = nowhere
  #time = '0'
  #returned: Place = nowhere
  #closed = false
  #failure: Error | undefined
  #wake: (() => void) | undefined

  constructor(parts: ReaderParts) {
    this.#parts = parts
    this.#signals = parts.link.connection.subscribe(parts.signals, {
      // Without the right to hear signals, messages still come.
      callback: (error, message) => {
        if (error !== null || this.#closed) return
        this.#signal = { kind: 'signal', body: message.string() }
        this.#wake?.()
      },
    })
  }

  /** Begins after a place, in a stream that has just been looked at. */
  begin(at: Place): void {
    this.#received = at
    this.#returned = at
    this.#time = at.time.toString()
    void this.#follow(at)
  }

  get place(): string {
    return placeText(this.#returned)
  }

  async next(): Promise<readonly (InMessage | Signal)[]> {
    for (;;) {
      if (this.#closed) return []
      const found = this.#take()
      if (found.length > 0) return found
      if (this.#failure !== undefined) throw this.#failure
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#parts.onClose(this)
    this.#signals.unsubscribe()
    this.#wake?.()
    this.#unread = []
    if (this.#parts.link.isUp) await this.#consumer?.remove()
    else this.#consumer?.stop()
  }

  received(message: Msg, seq: number, time: string): void {
    const partition = Number(message.subject.slice(this.#parts.prefix))
    this.#unread.push({ kind: 'message', partition, body: message.string() })
    this.#unreadBytes += message.data.length
    this.#received = { created: this.#received.created, seq, time: 0n }
    this.#time = time
    this.#wake?.()
  }

  ready(): void {
    if (this.#unread.length > LOW_MESSAGES || this.#unreadBytes > LOW_BYTES) return
    this.#consumer?.pull()
  }

  #take(): readonly (InMessage | Signal)[] {
    const found: (InMessage | Signal)[] = this.#unread
    this.#unread = []
    this.#unreadBytes = 0
    this.#returned = this.#at
    if (this.#signal !== undefined) found.push(this.#signal)
    this.#signal = undefined
    this.ready()
    return found
  }

  /** The time of the last message is made a number only where it is needed, not for each. */
  get #at(): Place {
    return { ...this.#received, time: BigInt(this.#time) }
  }

  async #follow(verified: Place | undefined): Promise<void> {
    const { link } = this.#parts
    let at = verified
    let waitMs = FIRST_PAUSE_MS
    for (;;) {
      await link.whenUp()
      if (this.#closed) return
      if (link.isGone) return this.#fail(link.gone())
      try {
        if (await this.#consume(at)) waitMs = FIRST_PAUSE_MS
      } catch (error) {
        // Away, or without its stream, or set up by somebody in another way: all of these can be mended by others.
        textOf(error)
      }
      at = undefined
      await pause(link.timers, waitMs * (0.5 + link.timers.random() / 2))
      waitMs = Math.min(waitMs * 2, LONGEST_PAUSE_MS)
    }
  }

  /** Reads through one consumer until it ends; resolves to whether it was of any use. */
  async #consume(verified: Place | undefined): Promise<boolean> {
    const { link, stream } = this.#parts
    const at = verified ?? (await placeIn(stream, await stream.ensure(), this.#at))
    const consumer = await PullConsumer.open(link, stream.name, at.seq, this)
    this.#received = at
    this.#time = at.time.toString()
    this.#consumer = consumer
    if (this.#closed) {
      await consumer.remove()
      return false
    }
    this.ready()
    await consumer.ended
    if (link.isUp) void consumer.remove()
    return consumer.wasHeard
  }

  #fail(error: Error): void {
    this.#failure = error
    this.#wake?.()
  }
}

/** A place as it stands in a stream: itself if the stream still knows it, else the one before the first message. */
export async function placeIn(stream: Stream, state: StreamState, place: Place): Promise<Place> {
  const first = { created: state.created, seq: 0, time: 0n }
  if (place.created !== state.created || place.seq > state.lastSeq) return first
  if (place.seq === 0) return place
  const time = await stream.timeOf(place.seq)
  return time === undefined || time === place.time ? place : first
}
