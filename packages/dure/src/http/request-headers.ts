import type { IncomingHttpHeaders } from 'node:http'
import type { Envelope } from '../app/calls.ts'
import { fault } from '../kernel/errors/fault.ts'
import type { World } from '../kernel/world.ts'

/** Who asks. Without authentication everybody is `anonymous`; in development the header `dure-actor` may say else. */
export interface Caller {
  readonly actor: string
  readonly tenant: string
}

const anonymous: Caller = { actor: 'anonymous', tenant: '' }

// Header values that arrive twice are joined by ", ": neither a comma nor a space may pass where one value is meant.
const WORD = /^[\x21-\x2b\x2d-\x7e]{1,255}$/
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/
const VERSION = /^(?:W\/)?"([1-9]\d{0,14})"$/

export function callerOf(headers: IncomingHttpHeaders, development: boolean): Caller {
  const actor = development ? word(headers, 'dure-actor') : undefined
  return actor === undefined ? anonymous : { actor, tenant: '' }
}

/** The envelope of a command that came in a request. What is sent wrongly is refused, except for traces. */
export function envelopeOf(headers: IncomingHttpHeaders, caller: Caller, world: World): Envelope {
  const id = world.newId()
  const envelope: Writable<Envelope> = {
    id,
    actor: caller.actor,
    tenant: caller.tenant,
    correlation: word(headers, 'x-request-id') ?? id,
  }
  const key = idempotencyKey(headers)
  if (key !== undefined) envelope.key = key
  const timeout = headers['request-timeout']
  if (timeout !== undefined) envelope.deadline = deadline(timeout, world)
  // W3C Trace Context: a receiver that cannot parse the header starts a trace of its own.
  const { traceparent } = headers
  if (typeof traceparent === 'string' && TRACEPARENT.test(traceparent)) envelope.traceparent = traceparent
  return envelope
}

/** The version in If-Match; undefined where any will do. */
export function expectedVersionOf(headers: IncomingHttpHeaders): number | undefined {
  const text = headers['if-match']
  if (text === undefined || text === '*') return undefined
  const version = VERSION.exec(text)?.[1]
  if (version !== undefined) return Number(version)
  throw fault('DURE_HTTP_HEADER', { header: 'if-match', reason: 'expected one version such as "3", or *' })
}

/** The consistency token; what it means, the application knows. */
export function tokenOf(headers: IncomingHttpHeaders): string | undefined {
  const token = headers['dure-token']
  return Array.isArray(token) ? token.join(', ') : token
}

// A structured string in draft-ietf-httpapi-idempotency-key-header, a bare word at Stripe and others: both name one key.
function idempotencyKey(headers: IncomingHttpHeaders): string | undefined {
  const key = word(headers, 'idempotency-key')
  if (key === undefined || !key.startsWith('"')) return key
  const inner = /^"([^"\\]+)"$/.exec(key)?.[1]
  if (inner !== undefined) return inner
  throw fault('DURE_HTTP_HEADER', { header: 'idempotency-key', reason: 'its quotes are not closed' })
}

function word(headers: IncomingHttpHeaders, header: string): string | undefined {
  const text = headers[header]
  if (text === undefined || (typeof text === 'string' && WORD.test(text))) return text
  const reason = 'expected one word of 1 to 255 printable ASCII characters without spaces and commas'
  throw fault('DURE_HTTP_HEADER', { header, reason })
}

function deadline(text: string | string[], world: World): Date {
  const ms = typeof text === 'string' && /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined
  if (ms !== undefined) return new Date(world.now().getTime() + ms)
  throw fault('DURE_HTTP_HEADER', { header: 'request-timeout', reason: 'expected milliseconds from 1' })
}

/** An object being put together. */
export type Writable<T> = { -readonly [K in keyof T]: T[K] }
