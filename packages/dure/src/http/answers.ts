import type { FastifyReply } from 'fastify'
import type { CommandAccepted } from '../app/calls.ts'
import type { Json } from '../kernel/json.ts'
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
  return reply
    .header('content-type', JSON_TYPE)
    .header('x-content-type-options', 'nosniff')
    .send(JSON.stringify(value))
}

export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  if (problem.status === 503) reply.header('retry-after', '1')
  return reply
    .code(problem.status)
    .header('content-type', `${PROBLEM_TYPE}; charset=utf-8`)
    .header('x-content-type-options', 'nosniff')
    .header('cache-control', 'no-store')
    .send(JSON.stringify(problem))
}
