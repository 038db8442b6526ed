import type { CommandReply } from '../app/calls.ts'
import { DureError, type ErrorDetails, type FaultKind } from '../kernel/error.ts'
import { remoteFault } from '../kernel/errors/remote/remote-fault.ts'
import type { Json, JsonObject } from '../kernel/json.ts'
import type { Incoming } from './send.ts'

/** What was asked of whom, for errors. */
export interface Target {
  readonly remote: string
  readonly what: string
}

/** The reply to a command, a rejection included. @throws DureError as the callee meant it */
export function readReply(answer: Incoming, target: Target): CommandReply {
  const said = readJson(answer, target)
  if (answer.status === 200 || answer.status === 201) {
    const { id, version, token, events } = isObject(said) ? said : {}
    if (typeof id === 'string' && typeof version === 'number' && typeof token === 'string') {
      return { ok: true, id, version, token, events: events as never, created: answer.status === 201 }
    }
    throw unreadable(target, 'no reply')
  }
  if (isObject(said) && said['code'] === 'DURE_REJECTED' && typeof said['rejected'] === 'string') {
    const { data } = said
    return { ok: false, rejected: said['rejected'], data: isObject(data) ? data : {} }
  }
  throw errorIn(said, answer.status, target)
}

/** The answer to a query, encoded. @throws DureError as the callee meant it */
export function readAnswerOf(answer: Incoming, target: Target): Json {
  const said = readJson(answer, target)
  if (answer.status === 200) return said
  throw errorIn(said, answer.status, target)
}

function readJson(answer: Incoming, target: Target): Json {
  try {
    return JSON.parse(answer.text) as Json
  } catch (error) {
    const { status } = answer
    if (status >= 502) {
      const reason = `a proxy answered ${status}`
      throw remoteFault('DURE_REMOTE_UNAVAILABLE', { ...target, reason, attempts: 1 }, {}, error)
    }
    throw unreadable(target, `status ${status} without JSON`, error)
  }
}

function unreadable(target: Target, reason: string, cause?: unknown): DureError {
  return remoteFault('DURE_REMOTE_ANSWER', { ...target, reason }, {}, cause)
}

const unknownThere = /^DURE_((QUERY|COMMAND)_UNKNOWN|HTTP_(ROUTE|METHOD))$/

const kindOfStatus: Readonly<Record<number, FaultKind>> = {
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'missing',
  409: 'conflict',
  412: 'stale',
  413: 'too-large',
  415: 'media-type',
  431: 'too-large',
  408: 'unavailable',
  429: 'unavailable',
}

// The same code, details and kind as in the process that raised it; `remote` says which one that was.
function errorIn(said: Json, status: number, target: Target): DureError {
  const { code, detail, hint, details, issues, instance } = isObject(said) ? said : {}
  if (typeof code !== 'string') return unreadable(target, `status ${status} without a code`)
  if (unknownThere.test(code)) {
    const reason = `it does not know ${target.what}`
    return remoteFault('DURE_REMOTE_VERSION', { ...target, reason }, { status })
  }
  const kind = kindOfStatus[status] ?? (status > 501 ? 'unavailable' : status > 499 ? 'misuse' : 'invalid')
  const more: ErrorDetails = {
    remote: target.remote,
    ...(isObject(details) && details),
    ...(Array.isArray(issues) && { issues }),
    ...(typeof instance === 'string' && { instance }),
    status,
  }
  return new DureError(code, kind, textOf(detail, code), textOf(hint, ''), more)
}

function textOf(value: Json | undefined, fallback: string): string {
  return typeof value === 'string' ? value : fallback
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
