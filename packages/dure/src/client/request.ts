import type { CommandCall, QueryCall } from '../app/calls.ts'
import type { Caller } from '../kernel/caller.ts'
import { jsonText } from '../kernel/plain-json.ts'
import { servicePath } from '../model/service-path.ts'
import type { Outgoing } from './send.ts'

/** On whose behalf a call is made. */
export type Asking = Caller

type Headers = Record<string, string>

/** The request of a command; `key` is the idempotency key under which it may be asked again. */
export function commandRequest(call: CommandCall, key: string, identity: Readonly<Headers>): Outgoing {
  const { context, command, input, envelope, expectedVersion, notBefore } = call
  const version = expectedVersion === undefined ? undefined : `"${expectedVersion}"`
  return requestTo('c', context, command, input, identity, { ...envelope, key, version, notBefore })
}

/** The request of a query: a POST, since inputs may be large, and are nobody's business in the logs of proxies. */
export function queryRequest(call: QueryCall, identity: Readonly<Headers>): Outgoing {
  return requestTo('q', call.context, call.query, call.input, identity, call)
}

/** What travels in headers beside who asks. */
interface Beside {
  readonly key?: string
  readonly correlation?: string
  readonly causation?: string
  readonly traceparent?: string
  readonly version?: string | undefined
  readonly notBefore?: string | undefined
}

const names = [
  ['idempotency-key', 'key'],
  ['x-request-id', 'correlation'],
  ['dure-causation', 'causation'],
  ['traceparent', 'traceparent'],
  ['if-match', 'version'],
  ['dure-token', 'notBefore'],
] as const

function requestTo(
  side: 'c' | 'q',
  context: string,
  name: string,
  input: unknown,
  identity: Readonly<Headers>,
  beside: Beside,
): Outgoing {
  const headers: Headers = { ...identity, 'content-type': 'application/json' }
  for (const [header, field] of names) {
    const text = beside[field]
    if (text) headers[header] = asWord(text)
  }
  return { context, path: servicePath(side, context, name), headers, body: jsonText(input ?? {}) }
}

// What a header cannot carry travels percent-encoded; the same text always in the same way.
function asWord(text: string): string {
  return /^[\x21-\x2b\x2d-\x7e]+$/.test(text) ? text : encodeURIComponent(text)
}

/** Says in plain words who asks: believed by processes in development, and by those that trust their callers. */
export function plainIdentity({ actor, tenant, roles, service }: Asking): Readonly<Headers> {
  const headers: Headers = { 'dure-actor': asWord(actor) }
  if (tenant !== '') headers['dure-tenant'] = asWord(tenant)
  // None at all is something else than nothing said of them: whoever has none is held to that.
  if (roles !== undefined) headers['dure-roles'] = roles.map(asWord).join(',')
  if (service !== undefined) headers['dure-service'] = asWord(service)
  return headers
}
