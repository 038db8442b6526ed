import type { IncomingHttpHeaders } from 'node:http'
import type { Envelope, QueryCall } from '../app/calls.ts'
import type { Caller } from '../kernel/caller.ts'
import { fault } from '../kernel/errors/fault.ts'
import type { World } from '../kernel/world.ts'

// Header values that arrive twice are joined by ", ": neither a comma nor a space may pass where one value is meant.
const WORD = /^[\x21-\x2b\x2d-\x7e]{1,255}$/
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/
const VERSION = /^(?:W\/)?"([1-9]\d{0,14})"$/

/** The envelope of a command that came in a request. What is sent wrongly is refused, except for traces. */
export function envelopeOf(headers: IncomingHttpHeaders, caller: Caller, world: World): Writable<Envelope> {
  const id = world.newId()
  const envelope: Writable<Envelope> = {
    id,
    ...caller,
    correlation: word(headers, 'x-request-id') ?? id,
  }
  const key = idempotencyKey(headers)
  if (key !== undefined) envelope.key = key
  const deadline = deadlineOf(headers, world)
  if (deadline !== undefined) envelope.deadline = deadline
  const causation = word(headers, 'dure-causation')
  if (causation !== undefined) envelope.causation = causation
  const traceparent = traceparentOf(headers)
  if (traceparent !== undefined) envelope.traceparent = traceparent
  return envelope
}

/** What travels with a query besides who asks. What is sent wrongly is refused, except for traces. */
export function circumstancesOf(
  headers: IncomingHttpHeaders,
  world: World,
): Pick<QueryCall, 'deadline' | 'correlation' | 'traceparent' | 'notBefore'> {
  const found: Writable<ReturnType<typeof circumstancesOf>> = {}
  const deadline = deadlineOf(headers, world)
  if (deadline !== undefined) found.deadline = deadline
  const correlation = word(headers, 'x-request-id')
  if (correlation !== undefined) found.correlation = correlation
  const traceparent = traceparentOf(headers)
  if (traceparent !== undefined) found.traceparent = traceparent
  const notBefore = tokenOf(headers)
  if (notBefore !== undefined) found.notBefore = notBefore
  return found
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

/** @throws DURE_HTTP_HEADER */
export function word(headers: IncomingHttpHeaders, header: string): string | undefined {
  const text = headers[header]
  if (text === undefined || (typeof text === 'string' && WORD.test(text))) return text
  const reason = 'expected one word of 1 to 255 printable ASCII characters without spaces and commas'
  throw fault('DURE_HTTP_HEADER', { header, reason })
}

/** Words with commas or spaces between; no text is none of them. @throws DURE_HTTP_HEADER */
export function words(headers: IncomingHttpHeaders, header: string): readonly string[] | undefined {
  const text = headers[header]
  if (text === undefined) return undefined
  const all = String(text)
    .split(/[ ,]+/)
    .filter((it) => it !== '')
  if (all.every((it) => WORD.test(it))) return all
  const reason = 'expected words of printable ASCII characters with commas between'
  throw fault('DURE_HTTP_HEADER', { header, reason })
}

// W3C Trace Context: a receiver that cannot parse the header starts a trace of its own.
function traceparentOf({ traceparent }: IncomingHttpHeaders): string | undefined {
  return typeof traceparent === 'string' && TRACEPARENT.test(traceparent) ? traceparent : undefined
}

// A duration, as in grpc-timeout: the clocks of caller and callee need not agree.
function deadlineOf(headers: IncomingHttpHeaders, world: World): Date | undefined {
  const text = headers['request-timeout']
  if (text === undefined) return undefined
  const ms = typeof text === 'string' && /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined
  if (ms !== undefined) return new Date(world.now().getTime() + ms)
  throw fault('DURE_HTTP_HEADER', { header: 'request-timeout', reason: 'expected milliseconds from 1' })
}

/** An object being put together. */
export type Writable<T> = { -readonly [K in keyof T]: T[K] }
