import type { Config } from '../host/config.ts'
import { kafkaAddress } from '../host/config/kafka-url.ts'
import { isDureError } from '../kernel/error.ts'
import { fault } from '../kernel/errors/fault.ts'
import type { Transport } from '../ports/transport.ts'

/** So long a connection to the broker may take. */
const connectMs = 5000

/**
 * The transport that the configuration asks for, if any. It connects when it is first used, and again after a failure: a
 * broker that is away keeps no process from starting, since events wait in the log.
 * @throws DURE_CONFIG_INVALID, DURE_STORE_DRIVER_MISSING
 */
export async function transportFromConfig(
  config: Pick<Config, 'NATS_URL' | 'KAFKA_URL' | 'DURE_TRANSPORT'>,
): Promise<Transport | undefined> {
  const { NATS_URL, KAFKA_URL, DURE_TRANSPORT } = config
  const problems = problemsOf(config)
  if (problems.length > 0) throw fault('DURE_CONFIG_INVALID', { problems })
  if (NATS_URL !== undefined && DURE_TRANSPORT !== 'kafka') return natsAt(NATS_URL)
  return KAFKA_URL === undefined ? undefined : kafkaAt(KAFKA_URL)
}

function problemsOf({
  NATS_URL,
  KAFKA_URL,
  DURE_TRANSPORT,
}: Parameters<typeof transportFromConfig>[0]): string[] {
  if (DURE_TRANSPORT === 'nats' && NATS_URL === undefined)
    return ['DURE_TRANSPORT: it is nats, and NATS_URL is not set']
  if (DURE_TRANSPORT === 'kafka' && KAFKA_URL === undefined) {
    return ['DURE_TRANSPORT: it is kafka, and KAFKA_URL is not set']
  }
  if (NATS_URL === undefined || KAFKA_URL === undefined || DURE_TRANSPORT !== undefined) return []
  return [
    'NATS_URL, KAFKA_URL: both are set, and events go over one broker; unset one, or say which with DURE_TRANSPORT=nats or DURE_TRANSPORT=kafka',
  ]
}

async function natsAt(url: string): Promise<Transport> {
  const servers = url.split(',')
  const [{ natsTransport }, { connect }] = await Promise.all([
    import('../adapters/nats/index.ts'),
    import('@nats-io/transport-node'),
  ]).catch(driverMissing('@nats-io/transport-node', 'NATS_URL'))
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

async function kafkaAt(url: string): Promise<Transport> {
  const address = kafkaAddress(url)
  if ('wrong' in address) throw fault('DURE_CONFIG_INVALID', { problems: [`KAFKA_URL: ${address.wrong}`] })
  const { brokers, tls, credentials } = address
  const { kafkaTransport } = await import('../adapters/kafka/index.ts').catch(
    driverMissing('@platformatic/kafka', 'KAFKA_URL'),
  )
  return kafkaTransport({ brokers, ...(tls && { tls: {} }), ...(credentials && { credentials }) })
}

function driverMissing(driver: string, needed: string): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND')) throw error
    throw fault('DURE_STORE_DRIVER_MISSING', { package: driver, needed }, error)
  }
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
