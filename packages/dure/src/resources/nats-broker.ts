import { fault } from '../kernel/errors/fault.ts'
import type { Broker } from '../model/attached/clients.ts'
import type { Connected } from './attachments.ts'
import { codeOf, unavailable } from './within.ts'

interface BrokerOptions {
  readonly name: string
  readonly url: string
  readonly timeoutMs: number
}

/** Subjects of a NATS server. It connects when first used, and again by itself. @throws DURE_STORE_DRIVER_MISSING */
export async function natsBroker({ name, url, timeoutMs }: BrokerOptions): Promise<Connected<Broker>> {
  const { connect } = await import('@nats-io/transport-node').catch((error: unknown) => {
    const needed = { package: '@nats-io/transport-node', needed: `the broker ${name}` }
    throw fault('DURE_STORE_DRIVER_MISSING', needed, error)
  })
  const { host, username, password } = new URL(url)
  const [user, pass] = [decodeURIComponent(username), decodeURIComponent(password)]
  const credentials = user === '' ? {} : pass === '' ? { token: user } : { user, pass }
  let opened: ReturnType<typeof connect> | undefined
  const connection = (): ReturnType<typeof connect> => {
    opened ??= connect({ servers: host, timeout: timeoutMs, maxReconnectAttempts: -1, ...credentials })
    // What could not be reached is tried anew by the next call.
    opened.catch(() => (opened = undefined))
    return opened
  }
  const asked = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      throw unavailable(name, `NATS: ${codeOf(error)}`, error)
    }
  }
  return {
    client: {
      publish: (subject, message) =>
        asked(async () => {
          const it = await connection()
          it.publish(subject, JSON.stringify(message))
          await it.flush()
        }),
      ask: (subject, message, options) =>
        asked(async () => {
          const it = await connection()
          const timeout = options?.timeoutMs ?? timeoutMs
          const answer = await it.request(subject, JSON.stringify(message), { timeout })
          return answer.json<unknown>()
        }),
    },
    ping: () => asked(async () => void (await (await connection()).rtt())),
    async close() {
      await (await opened?.catch(() => undefined))?.close()
    },
  }
}
