import type { FastifyReply, FastifyRequest } from 'fastify'
import type { CommandAccepted } from '../app/calls.ts'
import type { Json } from '../kernel/json.ts'
import type { World } from '../kernel/world.ts'
import type { CommandEndpoint } from './endpoint.ts'
import { PROBLEM_TYPE, type Problem } from './problem.ts'

const JSON_TYPE = 'application/json; charset=utf-8'

/** 201 for a command that created its aggregate, with the address of the created where one exists; else 200. */
export function sendAccepted(
  reply: FastifyReply,
  endpoint: CommandEndpoint,
  answer: CommandAccepted,
): FastifyReply {
  const { id, version, token, events, created } = answer
  if (created) {
    reply.code(201)
    if (endpoint.location !== undefined)
      reply.header('location', endpoint.location.join(encodeURIComponent(id)))
  }
  reply.header('etag', `"${version}"`).header('dure-token', token)
  return sendJson(reply, { id, version, token, events })
}

export function sendJson(reply: FastifyReply, value: Json): FastifyReply {
  reply.header('x-content-type-options', 'nosniff')
  // An object is JSON to Fastify without being told, which spares it reading the type again.
  if (typeof value === 'object' && value !== null) return reply.send(value)
  return reply.header('content-type', JSON_TYPE).send(JSON.stringify(value))
}

const problemHeaders = {
  'content-type': `${PROBLEM_TYPE}; charset=utf-8`,
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
}

export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  if (problem.status === 401) reply.header('www-authenticate', challengeOf(problem))
  if (problem.status === 503) reply.header('retry-after', '1')
  else if (problem.status === 429)
    reply.header('retry-after', `${Number(problem.details?.['retryAfterSeconds'] ?? 1)}`)
  return reply.code(problem.status).headers(problemHeaders).send(JSON.stringify(problem))
}

// RFC 6750 §3: who has sent no token is told no more than that one is needed.
function challengeOf({ code, detail }: Problem): string {
  if (code !== 'DURE_CREDENTIALS_REFUSED') return 'Bearer'
  return `Bearer error="invalid_token", error_description="${detail.replaceAll(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, '?')}"`
}

const LINGER_MS = 2000

/**
 * Answers while the client is still sending, and announces the end of the connection. Closing at once would reset it, and
 * the client would lose the answer; keeping it open makes clients wait that stop sending when answered (Node's own). So the
 * rest is read and dropped until it ends, for two seconds at most, as nginx does by `lingering_close`.
 */
export function lingeringProblem(
  request: FastifyRequest,
  reply: FastifyReply,
  problem: Problem,
  world: World,
): FastifyReply {
  const body = JSON.stringify(problem)
  const { raw } = reply.hijack()
  const end = (): void => void raw.end()
  const cancel = world.after(LINGER_MS, end)
  raw.writeHead(problem.status, {
    ...problemHeaders,
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  })
  raw.write(body)
  request.raw.once('end', end).once('error', end).resume()
  raw.once('close', cancel)
  return reply
}
