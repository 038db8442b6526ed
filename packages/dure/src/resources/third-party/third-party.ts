import { fault } from '../../kernel/errors/fault.ts'
import type { World } from '../../kernel/world.ts'
import type { ThirdParty, ThirdPartyAnswer, ThirdPartyRequest } from '../../model/attached/clients.ts'
import type { HttpResourceOptions } from '../../model/attached/resource.ts'
import type { Connected } from '../attachments.ts'
import { codeOf, unavailable } from '../within.ts'
import { readBody } from './body.ts'
import { Breaker } from './breaker.ts'

/** How a third party is spoken to. */
export interface ThirdPartyOptions {
  readonly name: string
  readonly url: string
  readonly secret: string | undefined
  readonly timeoutMs: number
  readonly options: HttpResourceOptions
}

/** What sends a request: `fetch`, or something in its place. */
export type Send = (url: string, init: RequestInit) => Promise<Response>

/** A client of a service of somebody else. */
export function thirdParty(
  { name, url, secret, timeoutMs, options }: ThirdPartyOptions,
  world: World,
  send: Send = (...it) => fetch(...it),
): Connected<ThirdParty> {
  const breaker = new Breaker(options.breaker ?? {}, world)
  const own = secretHeader(options, secret)
  const request = async (
    method: string,
    path: string,
    asked: ThirdPartyRequest = {},
  ): Promise<ThirdPartyAnswer> => {
    const to = addressOf(name, url, path, asked.query)
    asked.signal?.throwIfAborted()
    if (!breaker.mayCall()) {
      throw unavailable(
        name,
        `it has failed several times and is left alone for a while (breaker ${breaker.state})`,
      )
    }
    const over = new AbortController()
    const limit = asked.timeoutMs ?? timeoutMs
    const cancel = world.after(limit, () => over.abort(), true)
    const signal = asked.signal === undefined ? over.signal : AbortSignal.any([asked.signal, over.signal])
    try {
      const answer = await answerOf(await send(to, { ...initOf(method, asked, own), signal }))
      if (answer.status < 500 && answer.status !== 429) {
        breaker.succeeded()
        return answer
      }
      throw unavailable(name, `it answered ${answer.status}`)
    } catch (error) {
      if (asked.signal?.aborted === true && !over.signal.aborted) {
        breaker.gaveUp()
        throw error
      }
      breaker.failed()
      if (over.signal.aborted) throw unavailable(name, `no answer within ${limit} ms`, error)
      if ((error as { readonly code?: string }).code === 'DURE_RESOURCE_UNAVAILABLE') throw error
      throw unavailable(name, codeOf((error as Error).cause ?? error), error)
    } finally {
      cancel()
    }
  }
  return {
    client: {
      request,
      get: (path, asked) => request('GET', path, asked),
      post: (path, asked) => request('POST', path, asked),
    },
    async ping() {
      if (options.healthPath !== undefined) await request('GET', options.healthPath)
      else if (breaker.state !== 'closed') throw unavailable(name, `the breaker is ${breaker.state}`)
    },
    close: () => Promise.resolve(),
  }
}

function secretHeader(
  { secret: goes }: HttpResourceOptions,
  secret: string | undefined,
): Record<string, string> {
  if (goes === undefined || secret === undefined) return {}
  return goes === 'bearer' ? { authorization: `Bearer ${secret}` } : { [goes.header]: secret }
}

// A path that is made of what a user has sent must not lead to another service, nor out of the part of this one.
function addressOf(resource: string, base: string, path: string, query: ThirdPartyRequest['query']): string {
  const root = new URL(base)
  const prefix = root.pathname.replace(/\/$/, '')
  const to = new URL(`${prefix}${path}`, root.origin)
  if (
    !path.startsWith('/') ||
    path.startsWith('//') ||
    to.origin !== root.origin ||
    !to.pathname.startsWith(`${prefix}/`)
  ) {
    throw fault('DURE_RESOURCE_INPUT', {
      resource,
      reason: 'a path begins with one / and stays below the URL',
    })
  }
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined) to.searchParams.set(name, String(value))
  }
  return to.href
}

function initOf(
  method: string,
  { headers, json, key }: ThirdPartyRequest,
  own: Record<string, string>,
): RequestInit {
  return {
    method,
    // A redirect would take the secret along to wherever it leads.
    redirect: 'manual',
    headers: {
      accept: 'application/json',
      ...(json !== undefined && { 'content-type': 'application/json' }),
      ...(key !== undefined && { 'idempotency-key': key }),
      ...headers,
      ...own,
    },
    ...(json !== undefined && { body: JSON.stringify(json) }),
  }
}

async function answerOf(response: Response): Promise<ThirdPartyAnswer> {
  const { ok, status, headers } = response
  return { ok, status, headers: Object.fromEntries(headers), body: await readBody(response) }
}
