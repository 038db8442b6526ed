import { randomUUID } from 'node:crypto'
import { connect } from '@nats-io/transport-node'
import pg from 'pg'
import { natsTransport } from 'dure/nats'
import type { Transport } from 'dure/ports'
import { postgresStorage } from 'dure/postgres'
import type { Wiring } from './wiring.ts'

/** A PostgreSQL and a NATS server, by the names of the variables that hold their URLs. */
export async function servers(postgres: string, nats: string): Promise<Wiring> {
  const apart = `t${randomUUID().slice(0, 8)}`
  const pool = new pg.Pool({ connectionString: urlOf(postgres), max: 10 })
  const connection = await connect({ servers: urlOf(nats), noAsyncTraces: true, maxReconnectAttempts: -1 })
  return {
    storage: postgresStorage({ pool, ownsPool: true, schemaPrefix: `${apart}_` }),
    transport: prefixed(natsTransport({ connection, ownsConnection: true }), apart),
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
