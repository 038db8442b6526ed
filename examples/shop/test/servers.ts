import { randomUUID } from 'node:crypto'
import { connect } from '@nats-io/transport-node'
import { Admin } from '@platformatic/kafka'
import pg from 'pg'
import { kafkaTransport } from 'dure/kafka'
import { natsTransport } from 'dure/nats'
import type { Transport } from 'dure/ports'
import { postgresStorage } from 'dure/postgres'
import type { Wiring } from './wiring.ts'

/** A PostgreSQL and a NATS server, by the names of the variables that hold their URLs. */
export async function servers(postgres: string, nats: string, place?: Place): Promise<Wiring> {
  const connection = await connect({ servers: urlOf(nats), noAsyncTraces: true, maxReconnectAttempts: -1 })
  return apart(postgres, natsTransport({ connection, ownsConnection: true }), place)
}

/** A PostgreSQL and a Kafka broker, by the names of the variables that hold their URLs. */
export async function kafkaServers(postgres: string, kafka: string): Promise<Wiring> {
  const { hostname, port, host } = new URL(urlOf(kafka))
  const transport = kafkaTransport({ brokers: [{ host: hostname, port: Number(port) }] })
  const opened = new Set<string>()
  return apart(postgres, {
    ...transport,
    openTopic(name, partitions) {
      opened.add(name)
      return transport.openTopic(name, partitions)
    },
    // Topics of Kafka cost a broker more than streams do, and nobody asks for these again.
    async close() {
      await transport.close()
      const admin = new Admin({ clientId: 'shop', bootstrapBrokers: [host], retries: 0 })
      const topics = [...opened].flatMap((name) => [name, `${name}_signals`])
      for (const topic of topics) await admin.deleteTopics({ topics: [topic] }).catch(() => undefined)
      await admin.close()
    },
  })
}

/** Where a shop is on servers that it shares: what its schemas and topics are called, and how many connections it takes. */
interface Place {
  readonly name: string
  readonly connections: number
}

/** Schemas and topics that no other shop has, unless it is told where. */
function apart(
  postgres: string,
  transport: Transport,
  { name, connections }: Place = { name: `t${randomUUID().slice(0, 8)}`, connections: 10 },
): Wiring {
  const pool = new pg.Pool({ connectionString: urlOf(postgres), max: connections })
  return {
    storage: postgresStorage({ pool, ownsPool: true, schemaPrefix: `${name}_` }),
    transport: prefixed(transport, name),
  }
}

// Every shop is called Shop, and the broker is shared.
function prefixed(transport: Transport, prefix: string): Transport {
  return {
    ...transport,
    openTopic: (name, partitions) => transport.openTopic(`${prefix}-${name}`, partitions),
  }
}

function urlOf(variable: string): string {
  const url = process.env[variable]
  if (url === undefined) throw new Error(`${variable} is not set: npm run services -- up`)
  return url
}
