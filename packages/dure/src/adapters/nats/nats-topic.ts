import { checkMessages } from '../../ports/publishable.ts'
import type { InMessage, OutMessage, Topic, TopicReader, TransportWarning } from '../../ports/transport.ts'
import { BulkPublisher } from './bulk-publisher.ts'
import type { Link } from './link.ts'
import { NatsReader, placeIn } from './nats-reader.ts'
import { endOf, placeOf } from './place.ts'
import { Stream, type StreamState } from './stream.ts'
import { askedFor, type StreamOptions, warningsOf } from './stream-settings.ts'

/** For the header with the id, which counts as part of a message. */
const HEADER_BYTES = 512

/** What a topic is made with. */
export interface TopicParts {
  readonly link: Link
  readonly name: string
  readonly partitions: number
  readonly options: StreamOptions
  /** What is to be said of the connection. */
  readonly warnings: readonly TransportWarning[]
  readonly readers: Set<TopicReader>
}

/** A stream with a subject for each partition: `topic.0`, `topic.1`… */
export class NatsTopic implements Topic {
  readonly name: string
  readonly partitions: number
  readonly warnings: readonly TransportWarning[]
  readonly #link: Link
  readonly #stream: Stream
  readonly #publisher: BulkPublisher
  readonly #readers: Set<TopicReader>
  /** `~` is in no name of a topic, so this is a subject of no stream, and a right to `topic.>` covers it. */
  readonly #signals: string
  readonly #maxMessage: number

  constructor(parts: TopicParts, stream: Stream, state: StreamState) {
    this.name = parts.name
    this.partitions = parts.partitions
    this.#link = parts.link
    this.#readers = parts.readers
    this.#stream = stream
    const subjectOf = (partition: number): string => `${parts.name}.${partition}`
    const withIds = (parts.options.duplicateWindowMs ?? 0) > 0
    this.#publisher = new BulkPublisher(parts.link, stream, subjectOf, withIds)
    this.#signals = `${parts.name}.~.signal`
    this.#maxMessage = state.config.max_msg_size > 0 ? state.config.max_msg_size : Number.POSITIVE_INFINITY
    this.warnings = [...parts.warnings, ...warningsOf(state.config, stream.asked)]
  }

  /** @throws DURE_TRANSPORT_UNAVAILABLE, DURE_TRANSPORT_UNSUITABLE, DURE_TRANSPORT_CLOSED */
  static async open(parts: TopicParts): Promise<NatsTopic> {
    const stream = streamOf(parts)
    return new NatsTopic(parts, stream, await stream.ensure())
  }

  /** Undefined where it is not there. @throws DURE_TRANSPORT_UNAVAILABLE, DURE_TRANSPORT_UNSUITABLE, DURE_TRANSPORT_CLOSED */
  static async find(parts: TopicParts): Promise<NatsTopic | undefined> {
    const stream = streamOf(parts)
    const state = await stream.find()
    return state && new NatsTopic(parts, stream, state)
  }

  get maxBytes(): number {
    return Math.min(this.#link.maxPayload, this.#maxMessage) - HEADER_BYTES
  }

  async publish(messages: readonly OutMessage[]): Promise<void> {
    this.#link.checkUp()
    checkMessages(messages, this)
    await this.#publisher.publish(messages)
  }

  async last(): Promise<readonly InMessage[]> {
    const partitions = Array.from({ length: this.partitions }, (_, partition) => partition)
    const found = await Promise.all(
      partitions.map(async (partition) => {
        const body = await this.#stream.lastOf(`${this.name}.${partition}`)
        return body === undefined ? [] : [{ kind: 'message' as const, partition, body }]
      }),
    )
    return found.flat()
  }

  signal(body: string): void {
    if (!this.#link.isUp || Buffer.byteLength(body) > this.#link.maxPayload) return
    try {
      this.#link.connection.publish(this.#signals, body)
    } catch {
      // The connection is being closed: a signal may be lost.
    }
  }

  async read(after: { readonly place: string } | 'end'): Promise<NatsReader> {
    this.#link.checkUp()
    const reader = new NatsReader({
      link: this.#link,
      stream: this.#stream,
      prefix: this.name.length + 1,
      signals: this.#signals,
      onClose: (it) => this.#readers.delete(it),
    })
    try {
      const state = await this.#stream.ensure()
      const place = after === 'end' ? endOf(state) : await placeIn(this.#stream, state, placeOf(after.place))
      this.#link.checkUp()
      this.#readers.add(reader)
      reader.begin(place)
      return reader
    } catch (error) {
      await reader.close()
      throw error
    }
  }
}

function streamOf({ link, name, partitions, options }: TopicParts): Stream {
  const subjects = Array.from({ length: partitions }, (_, partition) => `${name}.${partition}`)
  // A stream has no dots in its name; `~` is in no name of a topic, so no two topics meet.
  return new Stream(link, askedFor(name.replaceAll('.', '~'), subjects, options))
}
