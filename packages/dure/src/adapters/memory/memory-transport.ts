import { fault } from '../../kernel/errors/fault.ts'
import { checkMessages, checkTopic } from '../../ports/publishable.ts'
import { PARTITIONS, type Topic, type TopicReader, type Transport } from '../../ports/transport.ts'
import { MemoryLog } from './memory-log.ts'
import { MemoryReader, memoryPlace } from './memory-reader.ts'

export interface MemoryTransportOptions {
  /** How many messages a topic keeps; older ones expire, as with any broker. 1,000,000 when absent. */
  readonly keep?: number
  /** The largest body in bytes. 1,000,000 when absent, which is near what brokers take by default. */
  readonly maxBytes?: number
}

/** A broker in this process, and what a test can do to it. */
export interface MemoryTransport extends Transport {
  /** All messages of all topics are gone, as of a broker whose data was deleted. Readers go on with what comes then. */
  wipe(): void
  /** While away, every call is DURE_TRANSPORT_UNAVAILABLE and readers wait; then all goes on, and nothing was lost. */
  away(is: boolean): void
}

/**
 * Carries messages within this process and loses them with it. Keeps every promise of the port but durability. What is
 * published is stored in one turn of the event loop.
 */
export function memoryTransport(options: MemoryTransportOptions = {}): MemoryTransport {
  const { keep = 1_000_000, maxBytes = 1_000_000 } = options
  const logs = new Map<string, MemoryLog>()
  const readers = new Set<TopicReader>()
  let closed = false
  let isAway = false

  function checkThere(): void {
    if (closed) throw fault('DURE_TRANSPORT_CLOSED', { transport: 'memory' })
    if (isAway) throw fault('DURE_TRANSPORT_UNAVAILABLE', { transport: 'memory', reason: 'it is away' })
  }

  function logOf(name: string, partitions: number): MemoryLog {
    let log = logs.get(name)
    if (log === undefined) logs.set(name, (log = new MemoryLog(partitions, keep)))
    if (log.partitions === partitions) return log
    const reason = `the topic ${name} has ${log.partitions} partitions, and ${partitions} were asked for`
    throw fault('DURE_TRANSPORT_UNSUITABLE', { transport: 'memory', reason })
  }

  function topicOf(name: string, log: MemoryLog): Topic {
    const topic = { name, partitions: log.partitions, maxBytes, warnings: [] }
    return {
      ...topic,
      async publish(messages) {
        checkThere()
        checkMessages(messages, topic)
        log.append(messages)
      },
      async last() {
        checkThere()
        return log.last()
      },
      signal(body) {
        if (!closed && !isAway) log.signal(body)
      },
      async read(after) {
        checkThere()
        const place = after === 'end' ? log.end : memoryPlace(after.place)
        const reader = new MemoryReader(
          log,
          place,
          () => isAway,
          () => readers.delete(reader),
        )
        readers.add(reader)
        return reader
      },
    }
  }

  return {
    name: 'memory',
    async openTopic(name, partitions = PARTITIONS) {
      checkTopic(name, partitions)
      checkThere()
      return topicOf(name, logOf(name, partitions))
    },
    async findTopic(name, partitions = PARTITIONS) {
      checkTopic(name, partitions)
      checkThere()
      return logs.has(name) ? topicOf(name, logOf(name, partitions)) : undefined
    },
    async ping() {
      checkThere()
    },
    async close() {
      closed = true
      await Promise.all(Array.from(readers, (it) => it.close()))
    },
    wipe() {
      for (const log of logs.values()) log.wipe()
    },
    away(is) {
      isAway = is
      if (!is) for (const log of logs.values()) log.wake()
    },
  }
}
