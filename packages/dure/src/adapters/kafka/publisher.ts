import { produceV9 } from '@platformatic/kafka'
import type { OutMessage } from '../../ports/transport.ts'
import type { Address } from './address.ts'
import { textOfAddress, wholeOf } from './cluster.ts'
import { errorName, isStale, KafkaError, StaleLeader } from './error-codes.ts'
import type { TopicLog, TopicState } from './topic-log.ts'
import { batchLimitOf } from './topic-settings.ts'

/** A broker takes requests of up to 100 MB; one is held in memory on both sides. */
const CHUNK_MESSAGES = 5000
const CHUNK_BYTES = 8 * 1024 * 1024
/** Of one record beside its body: lengths, offset, time, and the header that says what it is. */
const RECORD_BYTES = 96
const BATCH_BYTES = 128
/** What a body leaves of the largest batch. */
export const OVERHEAD_BYTES = 512
/** By all replicas in sync. */
const ALL = -1
const STORE_MS = 8000

/** A CloudEvent in structured mode, so that the Kafka binding of CloudEvents reads it. */
const asCloudEvent = new Map([
  [Buffer.from('content-type'), Buffer.from('application/cloudevents+json; charset=UTF-8')],
])

interface Encoded {
  readonly topic: string
  readonly partition: number
  readonly value: Buffer
  readonly headers: Map<Buffer, Buffer>
}

/**
 * Publishes in chunks: each has at most one batch for a partition, and is stored before the next is sent. So what is
 * published again after a failure stands in its order behind whatever was stored of the first try.
 */
export class Publisher {
  readonly #log: TopicLog

  constructor(log: TopicLog) {
    this.#log = log
  }

  /** @throws DURE_TRANSPORT_UNAVAILABLE, DURE_TRANSPORT_UNSUITABLE, DURE_TRANSPORT_CLOSED */
  async publish(messages: readonly OutMessage[]): Promise<void> {
    const { settings } = this.#log.seen ?? (await this.#log.ensure())
    const batchLimit = batchLimitOf(settings) - BATCH_BYTES
    let chunk: Encoded[] = []
    let bytes = 0
    let batches = new Map<number, number>()
    for (const { partition, body } of messages) {
      const value = Buffer.from(body)
      const size = value.length + RECORD_BYTES
      const batch = (batches.get(partition) ?? 0) + size
      const isFull = chunk.length === CHUNK_MESSAGES || bytes + size > CHUNK_BYTES || batch > batchLimit
      if (isFull && chunk.length > 0) {
        await this.#store(chunk)
        chunk = []
        bytes = 0
        batches = new Map()
      }
      chunk.push({ topic: this.#log.name, partition, value, headers: asCloudEvent })
      bytes += size
      batches.set(partition, (batches.get(partition) ?? 0) + size)
    }
    await this.#store(chunk)
  }

  async #store(chunk: readonly Encoded[]): Promise<void> {
    let rest = chunk
    if (rest.length === 0) return
    await this.#log.with(async (state) => {
      const open = await Promise.all(Array.from(byLeader(state, rest), (it) => this.#send(...it)))
      const partitions = new Set(open.flat())
      rest = rest.filter((it) => partitions.has(it.partition))
      if (rest.length > 0) throw new StaleLeader(`partitions of ${this.#log.name} have no leader yet`)
    })
  }

  /** Resolves to the partitions that the broker does not lead, or not yet. */
  async #send(leader: Address, messages: Encoded[]): Promise<readonly number[]> {
    const { cluster, name } = this.#log
    const answer = await cluster.ask(leader, (connection) =>
      wholeOf(produceV9.api.async(connection, ALL, STORE_MS, messages)),
    )
    const open: number[] = []
    for (const { index, errorCode, errorMessage } of typeof answer === 'object' ? partitionsOf(answer) : []) {
      if (errorCode === 0) continue
      if (isStale(errorCode)) {
        open.push(index)
        continue
      }
      const isTooLarge =
        errorCode === KafkaError.MessageTooLarge || errorCode === KafkaError.RecordListTooLarge
      const reason = isTooLarge
        ? 'max.message.bytes is smaller than it was'
        : (errorMessage ?? errorName(errorCode))
      throw cluster.unavailable(`${textOfAddress(leader)} did not store messages of ${name}: ${reason}`)
    }
    return open
  }
}

interface Answer {
  readonly responses: readonly { readonly partitionResponses: readonly PartitionAnswer[] }[]
}

interface PartitionAnswer {
  readonly index: number
  readonly errorCode: number
  readonly errorMessage?: string | null | undefined
}

const partitionsOf = ({ responses }: Answer): readonly PartitionAnswer[] =>
  responses.flatMap((it) => it.partitionResponses)

function byLeader({ leaders }: TopicState, messages: readonly Encoded[]): Map<Address, Encoded[]> {
  const keys = new Map<string, Address>()
  const groups = new Map<Address, Encoded[]>()
  for (const message of messages) {
    const leader = leaders[message.partition]
    if (leader === undefined) throw new StaleLeader(`nobody leads the partition ${message.partition}`)
    const key = textOfAddress(leader)
    const address = keys.get(key) ?? leader
    keys.set(key, address)
    const group = groups.get(address)
    if (group === undefined) groups.set(address, [message])
    else group.push(message)
  }
  return groups
}
