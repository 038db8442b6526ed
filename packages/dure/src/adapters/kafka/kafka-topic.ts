import { checkMessages } from '../../ports/publishable.ts'
import type { InMessage, OutMessage, Topic, TopicReader, TransportWarning } from '../../ports/transport.ts'
import type { Cluster } from './cluster.ts'
import { KafkaReader, signalsEnd } from './reading/kafka-reader.ts'
import { lastMessages } from './reading/last-messages.ts'
import { offsetsOf } from './reading/offsets.ts'
import { type Place, placeOf, startOf } from './reading/place.ts'
import { OVERHEAD_BYTES, Publisher } from './publisher.ts'
import { Signaller } from './signaller.ts'
import { TopicLog, type TopicState } from './topic-log.ts'
import { kafkaName } from './topic-name.ts'
import { askedFor, batchLimitOf, type TopicOptions, warningsOf } from './topic-settings.ts'

/** What a topic is made with. */
export interface TopicParts {
  readonly cluster: Cluster
  readonly name: string
  readonly partitions: number
  readonly options: TopicOptions
  /** What is to be said of the connection. */
  readonly warnings: readonly TransportWarning[]
  readonly readers: Set<TopicReader>
}

/** A topic of Kafka, partition for partition. */
export class KafkaTopic implements Topic {
  readonly name: string
  readonly partitions: number
  readonly warnings: readonly TransportWarning[]
  readonly #log: TopicLog
  readonly #publisher: Publisher
  readonly #signaller: Signaller
  readonly #readers: Set<TopicReader>
  #batchLimit: number

  constructor(parts: TopicParts, log: TopicLog, state: TopicState) {
    this.name = parts.name
    this.partitions = parts.partitions
    this.#log = log
    this.#publisher = new Publisher(log)
    this.#signaller = new Signaller(log)
    this.#readers = parts.readers
    this.#batchLimit = batchLimitOf(state.settings)
    this.warnings = [...parts.warnings, ...warningsOf(state.settings)]
  }

  /** @throws DURE_TRANSPORT_UNAVAILABLE, DURE_TRANSPORT_UNSUITABLE, DURE_TRANSPORT_CLOSED */
  static async open(parts: TopicParts): Promise<KafkaTopic> {
    const log = logOf(parts)
    return new KafkaTopic(parts, log, await log.ensure())
  }

  /** Undefined where it is not there. @throws DURE_TRANSPORT_UNAVAILABLE, DURE_TRANSPORT_UNSUITABLE, DURE_TRANSPORT_CLOSED */
  static async find(parts: TopicParts): Promise<KafkaTopic | undefined> {
    const log = logOf(parts)
    const state = await log.find()
    return state && new KafkaTopic(parts, log, state)
  }

  get maxBytes(): number {
    const { seen } = this.#log
    if (seen !== undefined) this.#batchLimit = batchLimitOf(seen.settings)
    return this.#batchLimit - OVERHEAD_BYTES
  }

  async publish(messages: readonly OutMessage[]): Promise<void> {
    this.#log.cluster.checkOpen()
    // It may be set up anew, and was forgotten when a broker refused a message.
    if (this.#log.seen === undefined) await this.#log.ensure()
    checkMessages(messages, this)
    await this.#publisher.publish(messages)
  }

  async last(): Promise<readonly InMessage[]> {
    this.#log.cluster.checkOpen()
    return this.#log.with((state) => lastMessages(this.#log, state))
  }

  signal(body: string): void {
    if (this.#log.cluster.isClosed || Buffer.byteLength(body) > this.maxBytes) return
    this.#signaller.signal(body)
  }

  async read(after: { readonly place: string } | 'end'): Promise<KafkaReader> {
    const log = this.#log
    log.cluster.checkOpen()
    log.forget()
    return log.with(async (state) => {
      const [place, signals] = await Promise.all([placeIn(log, state, after), signalsEnd(log, state)])
      log.cluster.checkOpen()
      const onClose = (it: KafkaReader): void => void this.#readers.delete(it)
      const reader = new KafkaReader({ log, place, signals, onClose }, state)
      this.#readers.add(reader)
      return reader
    })
  }
}

async function placeIn(
  log: TopicLog,
  state: TopicState,
  after: { readonly place: string } | 'end',
): Promise<Place> {
  const { id, leaders } = state
  if (after !== 'end') return placeOf(after.place, id, leaders.length) ?? startOf(id, leaders.length)
  const ends = await offsetsOf(log, log.name, leaders, 'end')
  const positions = startOf(id, leaders.length).positions.map(
    (start, partition) => ends.get(partition) ?? start,
  )
  return { topicId: id, positions }
}

function logOf({ cluster, name, partitions, options }: TopicParts): TopicLog {
  return new TopicLog(cluster, kafkaName(name), askedFor(partitions, options))
}
