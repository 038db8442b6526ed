import { STATUS_CODES } from 'node:http'
import type { CommandRejected } from '../app/calls.ts'
import { isDureError, type DureError, type FaultKind, type Issue } from '../kernel/error.ts'
import { catalogue, type ErrorCode } from '../kernel/errors/catalogue.ts'
import { fault } from '../kernel/errors/fault.ts'
import type { Json, JsonObject } from '../kernel/json.ts'

export const PROBLEM_TYPE = 'application/problem+json'

/** An error as HTTP says it (RFC 9457). `code` is the same as everywhere in Dure; `type` is that code as a URN. */
export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly code: string
  readonly hint?: string
  /** Of a refused input: where, as JSON Pointers, and what. */
  readonly issues?: readonly Issue[]
  readonly details?: JsonObject
  /** Of an internal error: the id it has in the log. */
  readonly instance?: string
}

/** The domain's no. */
export interface RejectionProblem extends Problem {
  readonly code: 'DURE_REJECTED'
  readonly rejected: string
  readonly data: JsonObject
}

const statusOfKind: Readonly<Record<FaultKind, number>> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  missing: 404,
  conflict: 409,
  stale: 412,
  'too-large': 413,
  'media-type': 415,
  unavailable: 503,
  misuse: 500,
  corrupt: 500,
}

// What HTTP has a finer word for than the kind says.
const statusOfCode: Partial<Record<ErrorCode, number>> = {
  DURE_HTTP_METHOD: 405,
  DURE_HTTP_TIMEOUT: 408,
  DURE_REMOTE_TIMEOUT: 504,
  DURE_HTTP_RATE_LIMITED: 429,
  DURE_HTTP_HEADERS_TOO_LARGE: 431,
  DURE_KEY_REUSED: 422, // draft-ietf-httpapi-idempotency-key-header §2.7
}

export function statusOf(error: DureError): number {
  return statusOfCode[error.code as ErrorCode] ?? statusOfKind[error.kind] ?? 500
}

/** What a caller is told of an error of Dure that is the caller's, or passes by itself. */
export function problemOf(error: DureError): Problem {
  const status = statusOf(error)
  const { issues, ...details } = error.details as { readonly issues?: readonly Issue[] } & Record<
    string,
    Json
  >
  return {
    type: `urn:dure:error:${error.code}`,
    title: titleOf(error.code, status),
    status,
    detail: error.message,
    code: error.code,
    hint: error.hint,
    ...(issues !== undefined && { issues }),
    ...(Object.keys(details).length > 0 && { details }),
  }
}

/**
 * What a caller is told of an error inside: nothing but the id under which the log has it. In development the message and
 * the hint go out as well.
 */
export function internalProblem(error: unknown, id: string, development: boolean): Problem {
  const known = isDureError(error)
  const said = problemOf(fault('DURE_HTTP_INTERNAL', {}))
  const shown = development && {
    detail: error instanceof Error ? error.message : String(error),
    ...(known && { code: error.code, type: `urn:dure:error:${error.code}`, hint: error.hint }),
  }
  return { ...said, instance: `urn:uuid:${id}`, ...shown }
}

/** 422: the request was understood, and the domain said no. */
export function rejectionProblem({ rejected, data }: CommandRejected): RejectionProblem {
  return {
    type: 'urn:dure:error:DURE_REJECTED',
    title: 'The domain said no',
    status: 422,
    detail: `The command was rejected: ${rejected}.`,
    code: 'DURE_REJECTED',
    rejected,
    data,
  }
}

// A title is the same at each occurrence (RFC 9457 §3.1.3): the first sentence about the code in the catalogue.
function titleOf(code: string, status: number): string {
  const about = Object.hasOwn(catalogue, code) ? catalogue[code as ErrorCode].about : undefined
  return about?.split(/[.:;](?:\s|$)/, 1)[0] ?? STATUS_CODES[status] ?? 'Error'
}
