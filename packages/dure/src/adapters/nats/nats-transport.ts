import type { NatsConnection } from '@nats-io/transport-node'
import { checkTopic } from '../../ports/publishable.ts'
import { PARTITIONS, type TopicReader, type Transport, type TransportWarning } from '../../ports/transport.ts'
import { type ApiAnswer, Link } from './link.ts'
import { apiFault } from './api-error.ts'
import { NatsTopic, type TopicParts } from './nats-topic.ts'
import type { StreamOptions } from './stream-settings.ts'
import { timers, type Timers } from './timers.ts'

const OLDEST_TRIED = [2, 9] as const

export interface NatsTransportOptions extends StreamOptions {
  /**
   * A connection of `@nats-io/transport-node` or another transport of the client. Make it with `maxReconnectAttempts: -1`:
   * by default the client gives a server up after ten tries, and nothing can bring the connection back. With
   * `noAsyncTraces: true` it does not take a stack trace for each request.
   */
  readonly connection: NatsConnection
  /** Whether closing the transport closes the connection. */
  readonly ownsConnection?: boolean
  /** Timers and chance, for tests that hold them still. Those of the machine when absent. */
  readonly world?: Timers
}

/**
 * Carries messages over NATS JetStream, server 2.9 or newer: one stream per topic, one subject per partition. Streams are
 * made when they are missing, also when the server lost them later, and held against what is asked for at every opening.
 *
 * What JetStream acknowledges is stored by a majority of the replicas, but not always synced to disk yet. After a power
 * failure of all of them the last messages can be missing; the log of the context still has them.
 */
export function natsTransport(options: NatsTransportOptions): Transport {
  const { connection, ownsConnection = false, world = timers, ...stream } = options
  const link = new Link(connection, world)
  const readers = new Set<TopicReader>()

  function partsOf(name: string, partitions: number): TopicParts {
    checkTopic(name, partitions)
    return { link, name, partitions, options: stream, warnings: warningsOf(connection), readers }
  }

  return {
    name: link.transport,
    async openTopic(name, partitions = PARTITIONS) {
      return NatsTopic.open(partsOf(name, partitions))
    },
    async findTopic(name, partitions = PARTITIONS) {
      return NatsTopic.find(partsOf(name, partitions))
    },
    async ping() {
      const { error } = await link.ask<ApiAnswer>('INFO')
      if (error !== undefined) throw apiFault(link.transport, 'of any name', error)
    },
    async close() {
      await Promise.all(Array.from(readers, (it) => it.close()))
      link.close()
      if (ownsConnection) await connection.close()
    },
  }
}

/** What is to be said of the connection and its server, whatever the topic. */
function warningsOf(connection: NatsConnection): TransportWarning[] {
  const warnings: TransportWarning[] = []
  const { version = '' } = connection.info ?? {}
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major < OLDEST_TRIED[0] || (major === OLDEST_TRIED[0] && minor < OLDEST_TRIED[1])) {
    const advice = `Use ${OLDEST_TRIED.join('.')} or newer: nothing older was tried.`
    warnings.push({ setting: 'server', found: version || 'unknown', advice })
  }
  // The client does not show what it was made with, but has it.
  const { options } = connection as {
    readonly options?: { readonly maxReconnectAttempts?: number; readonly reconnect?: boolean }
  }
  const tries = options?.reconnect === false ? 0 : options?.maxReconnectAttempts
  if (tries !== undefined && tries !== -1) {
    const advice =
      'Connect with maxReconnectAttempts: -1, or the client gives up and nothing is published any more.'
    warnings.push({ setting: 'maxReconnectAttempts', found: `${tries}`, advice })
  }
  return warnings
}
