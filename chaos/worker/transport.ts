import { connect } from '@nats-io/transport-node'
import type { HostOptions } from 'dure/host'
import { natsTransport } from 'dure/nats'

/** What carries events between the contexts: a broker where there is one. */
export async function transportOf(servers: string | undefined): Promise<Pick<HostOptions, 'transport'>> {
  if (servers === undefined) return {}
  const connection = await connect({
    servers,
    maxReconnectAttempts: -1,
    waitOnFirstConnect: true,
    noAsyncTraces: true,
    reconnectTimeWait: 500,
  })
  return { transport: natsTransport({ connection, ownsConnection: true }) }
}
