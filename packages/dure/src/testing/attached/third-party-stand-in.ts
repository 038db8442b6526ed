import { systemWorld } from '../../host/system-world.ts'
import type { World } from '../../kernel/world.ts'
import type { ThirdParty } from '../../model/attached/clients.ts'
import type { Resource } from '../../model/attached/resource.ts'
import { thirdParty } from '../../resources/third-party/third-party.ts'

/** A request as the third party gets it. */
export interface ReceivedRequest {
  readonly method: string
  /** Below the URL of the resource. */
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>
  /** The JSON that was sent, undefined if none was. */
  readonly json: unknown
}

/** What it answers: status 200 when absent, `json` as JSON. */
export interface GivenAnswer {
  readonly status?: number
  readonly json?: unknown
}

/**
 * Somebody in the place of a third party: the client is the real one, with its time-out and breaker, and `answer` what the
 * other side does. What it throws is a connection that fails.
 */
export function answering(
  { name, timeoutMs, spec }: Resource<ThirdParty>,
  answer: (request: ReceivedRequest) => GivenAnswer | Promise<GivenAnswer>,
  world: World = systemWorld,
): ThirdParty {
  const options = spec.type === 'http' ? spec.options : {}
  const secret = 'secret-of-a-test'
  const send = async (url: string, init: RequestInit): Promise<Response> => {
    const aborted = new Promise<never>((_, reject) => {
      init.signal?.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')))
    })
    const { status = 200, json } = await Promise.race([
      Promise.resolve(received(url, init)).then(answer),
      aborted,
    ])
    const none = json === undefined
    return new Response(none ? null : JSON.stringify(json), {
      status,
      ...(!none && { headers: { 'content-type': 'application/json' } }),
    })
  }
  return thirdParty({ name, url: 'http://third.party', secret, timeoutMs, options }, world, send).client
}

function received(url: string, { method = 'GET', headers = {}, body }: RequestInit): ReceivedRequest {
  const { pathname, searchParams } = new URL(url)
  return {
    method,
    path: pathname,
    query: Object.fromEntries(searchParams),
    headers: Object.fromEntries(new Headers(headers)),
    json: typeof body === 'string' ? JSON.parse(body) : undefined,
  }
}
