import type { ConnectionOptions } from 'node:tls'
import { metadataV12 } from '@platformatic/kafka'
import { checkTopic } from '../../ports/publishable.ts'
import { PARTITIONS, type TopicReader, type Transport, type TransportWarning } from '../../ports/transport.ts'
import type { Address, Credentials } from './address.ts'
import { Cluster } from './cluster.ts'
import { KafkaTopic, type TopicParts } from './kafka-topic.ts'
import { timers, type Timers } from './timers.ts'
import type { TopicOptions } from './topic-settings.ts'

export interface KafkaTransportOptions extends TopicOptions {
  /** Some brokers of the cluster, at least one; the others are learnt from them. */
  readonly brokers: readonly Address[]
  readonly credentials?: Credentials
  /** Speaks TLS, with these options of `tls.connect`; `{}` for those of Node. */
  readonly tls?: ConnectionOptions
  /** Timers and chance, for tests that hold them still. Those of the machine when absent. */
  readonly world?: Timers
}

/**
 * Carries messages over Apache Kafka, 3.1 or newer: a topic of Kafka with as many partitions for each topic, and one of a
 * single partition beside it for signals. Both are made when they are missing, also when the cluster lost them later, and
 * held against what is asked for at every opening. Nothing connects before the first call.
 *
 * What is acknowledged is had by all replicas in sync, which need not have synced it to disk.
 */
export function kafkaTransport(options: KafkaTransportOptions): Transport {
  const { brokers, credentials, tls, world = timers, ...topic } = options
  const cluster = new Cluster({ brokers, credentials, tls, timers: world })
  const readers = new Set<TopicReader>()
  const warnings = warningsOf(options)

  function partsOf(name: string, partitions: number): TopicParts {
    cluster.checkOpen()
    checkTopic(name, partitions)
    return { cluster, name, partitions, options: topic, warnings, readers }
  }

  return {
    name: cluster.transport,
    async openTopic(name, partitions = PARTITIONS) {
      return KafkaTopic.open(partsOf(name, partitions))
    },
    async findTopic(name, partitions = PARTITIONS) {
      return KafkaTopic.find(partsOf(name, partitions))
    },
    async ping() {
      const { brokers: found } = await cluster.askAny((it) => metadataV12.api.async(it, [], false, false))
      if (found.length === 0) throw cluster.unavailable('it has no broker that is up')
    },
    async close() {
      await Promise.all(Array.from(readers, (it) => it.close()))
      await cluster.close()
    },
  }
}

function warningsOf({ credentials, tls }: KafkaTransportOptions): TransportWarning[] {
  if (credentials?.mechanism !== 'PLAIN' || tls !== undefined) return []
  const advice = 'Use TLS, or SCRAM-SHA-512: PLAIN without TLS shows the password to whoever listens.'
  return [{ setting: 'mechanism', found: 'PLAIN without TLS', advice }]
}
