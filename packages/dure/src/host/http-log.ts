import type { LogLineage, PublishedLog, PublishedPage } from '../app/published-log.ts'
import { isDureError } from '../kernel/error.ts'
import { fault } from '../kernel/errors/fault.ts'
import type { World } from '../kernel/world.ts'
import type { EpochStart } from '../ports/event-store.ts'

/** How long a context may take to answer about its log, and to say that it is settled. */
const [readMs, settleMs] = [10_000, 60_000]

type Headers = Readonly<Record<string, string>>

/** Makes the headers that say who asks: the same that calls to other contexts carry. */
export type IdentityHeaders = (
  who: { readonly actor: string; readonly tenant: string },
  target: { readonly context: string },
) => Headers | Promise<Headers>

/**
 * The log of a context in another process, over HTTP: `GET /e/<context>`.
 * @param url of the process; a path in it is a prefix
 */
export function httpLog(
  context: string,
  url: string,
  world: World,
  identity: IdentityHeaders = ({ actor }) => ({ 'dure-actor': actor }),
): PublishedLog {
  const base = `${url.replace(/\/+$/, '')}/e/${context.toLowerCase()}`

  async function get<T>(path: string, ms: number, read: (body: Body) => T): Promise<T> {
    const over = new AbortController()
    const cancel = world.after(ms, () => over.abort(), true)
    try {
      const headers = {
        accept: 'application/json',
        ...(await identity({ actor: 'dure', tenant: '' }, { context })),
      }
      const response = await fetch(base + path, { headers, signal: over.signal })
      const body = (await response.json()) as Body
      if (!response.ok) throw refusal(context, response.status, body)
      return read(body)
    } catch (error) {
      if (isDureError(error)) throw error
      throw fault('DURE_SOURCE_UNAVAILABLE', { context, reason: reasonOf(error, over, ms) }, error)
    } finally {
      cancel()
    }
  }

  const page = (path: string): Promise<PublishedPage> => get(path, readMs, pageOf)
  return {
    lineage: () => get('/lineage', readMs, lineageOf),
    read: (after, limit) => page(`?after=${after}&limit=${limit}`),
    find: (position) => page(`?position=${position}`),
    settled: () => get('/settled', settleMs, (body) => whole(body['mark'])),
  }
}

type Body = Readonly<Record<string, unknown>>

// What an archived log refuses is for the consumer to know; whatever else another process says passes.
function refusal(context: string, status: number, body: Body): Error {
  const { code, title, details } = body
  if (code === 'DURE_LOG_ARCHIVED') {
    const { after, archived } = (details ?? {}) as { after?: number; archived?: number }
    return fault('DURE_LOG_ARCHIVED', { context, after: after ?? 0, archived: archived ?? 0 })
  }
  const said = typeof code === 'string' ? `${code} ` : ''
  const words = typeof title === 'string' ? title : 'no words'
  return fault('DURE_SOURCE_UNAVAILABLE', { context, reason: `status ${status}, ${said}${words}` })
}

function reasonOf(error: unknown, { signal }: AbortController, ms: number): string {
  if (signal.aborted) return `no answer within ${ms / 1000} seconds`
  const { message, cause } = error as Error
  return cause instanceof Error ? cause.message || ((cause as { code?: string }).code ?? message) : message
}

function lineageOf(body: Body): LogLineage {
  const { system } = body
  const known = typeof system === 'string' ? { system } : {}
  return { epochs: epochsOf(body), archived: whole(body['archived']), ...known }
}

function pageOf(body: Body): PublishedPage {
  const { messages, more } = body
  if (!Array.isArray(messages)) throw new TypeError('the answer has no messages')
  return {
    epochs: epochsOf(body),
    messages: messages.map((it) => JSON.stringify(it)),
    through: whole(body['through']),
    more: more === true,
  }
}

function epochsOf({ epochs }: Body): readonly EpochStart[] {
  if (!Array.isArray(epochs) || epochs.length === 0) throw new TypeError('the answer has no epochs')
  return epochs.map((it: Body) => {
    if (typeof it['epoch'] !== 'string') throw new TypeError('an epoch has no name')
    return { epoch: it['epoch'], began: whole(it['began']) }
  })
}

function whole(value: unknown): number {
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number
  throw new TypeError('a position in the answer is no whole number')
}
