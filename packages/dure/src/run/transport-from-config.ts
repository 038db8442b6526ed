import type { Config } from '../host/config.ts'
import { isDureError } from '../kernel/error.ts'
import { fault } from '../kernel/errors/fault.ts'
import type { Transport } from '../ports/transport.ts'

/** So long a connection to the broker may take. */
const connectMs = 5000

/**
 * The transport that the configuration asks for, if any. It connects when it is first used, and again after a failure: a
 * broker that is away keeps no process from starting, since events wait in the log.
 */
export async function transportFromConfig({
  NATS_URL,
}: Pick<Config, 'NATS_URL'>): Promise<Transport | undefined> {
  if (NATS_URL === undefined) return undefined
  const servers = NATS_URL.split(',')
  const [{ natsTransport }, { connect }] = await Promise.all([
    import('../adapters/nats/index.ts'),
    import('@nats-io/transport-node').catch((error: unknown) => {
      throw fault(
        'DURE_STORE_DRIVER_MISSING',
        { package: '@nats-io/transport-node', needed: 'NATS_URL' },
        error,
      )
    }),
  ])
  const name = `nats ${servers.map((it) => new URL(it).host).join(', ')}`
  return whenUsed(name, async () => {
    const connection = await connect({
      ...credentialsOf(servers),
      timeout: connectMs,
      maxReconnectAttempts: -1,
      noAsyncTraces: true,
    })
    return natsTransport({ connection, ownsConnection: true })
  })
}

/** The client takes servers without credentials, and those beside them. */
function credentialsOf(servers: readonly string[]): {
  servers: string[]
  user?: string
  pass?: string
  token?: string
} {
  const [{ username, password }] = servers.map((it) => new URL(it)) as [URL]
  const plain = servers.map((it) => new URL(it).host)
  if (username === '') return { servers: plain }
  if (password === '') return { servers: plain, token: decodeURIComponent(username) }
  return { servers: plain, user: decodeURIComponent(username), pass: decodeURIComponent(password) }
}

function whenUsed(name: string, open: () => Promise<Transport>): Transport {
  let opened: Promise<Transport> | undefined
  let closed = false
  const transport = (): Promise<Transport> => {
    if (closed) throw fault('DURE_TRANSPORT_CLOSED', { transport: name })
    return (opened ??= open().catch((error: unknown) => {
      opened = undefined
      if (isDureError(error)) throw error
      const reason = error instanceof Error ? error.message : String(error)
      throw fault('DURE_TRANSPORT_UNAVAILABLE', { transport: name, reason }, error)
    }))
  }
  return {
    name,
    openTopic: async (topic, partitions) => (await transport()).openTopic(topic, partitions),
    findTopic: async (topic, partitions) => (await transport()).findTopic(topic, partitions),
    ping: async () => (await transport()).ping(),
    async close() {
      closed = true
      await opened?.then((it) => it.close()).catch(() => undefined)
    },
  }
}
