import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Application, CommandCall, QueryCall } from '../app/calls.ts'
import type { World } from '../kernel/world.ts'
import { sendAccepted, sendJson, sendProblem } from './answers.ts'
import type { CommandEndpoint, Endpoint, QueryEndpoint } from './endpoint.ts'
import { rejectionProblem } from './problem.ts'
import { inputReaderOf } from './read-input.ts'
import { callerOf, envelopeOf, expectedVersionOf, tokenOf, type Writable } from './request-headers.ts'

/** What the handlers of one server share. */
export interface Edge {
  readonly application: Application
  readonly world: World
  readonly development: boolean
}

type Handle = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>

/** The handler of an endpoint; made once, so that a request makes no function. */
export function handlerOf(endpoint: Endpoint, edge: Edge): Handle {
  return endpoint.kind === 'command' ? commandHandler(endpoint, edge) : queryHandler(endpoint, edge)
}

function commandHandler(endpoint: CommandEndpoint, { application, world, development }: Edge): Handle {
  const { context, name: command } = endpoint
  const read = inputReaderOf(endpoint)
  return async (request, reply) => {
    const { headers } = request.raw
    const envelope = envelopeOf(headers, callerOf(headers, development), world)
    const call: Writable<CommandCall> = { context, command, input: read(request), envelope }
    const expectedVersion = expectedVersionOf(headers)
    if (expectedVersion !== undefined) call.expectedVersion = expectedVersion
    const notBefore = tokenOf(headers)
    if (notBefore !== undefined) call.notBefore = notBefore
    const answer = await application.command(call)
    // Said back to whoever said it; a header costs 0.4 µs, and who sends none looks for none.
    if (headers['x-request-id'] !== undefined) reply.header('x-request-id', envelope.correlation)
    return answer.ok ? sendAccepted(reply, endpoint, answer) : sendProblem(reply, rejectionProblem(answer))
  }
}

function queryHandler(endpoint: QueryEndpoint, { application, development }: Edge): Handle {
  const { context, name: query } = endpoint
  const read = inputReaderOf(endpoint)
  return async (request, reply) => {
    const { headers } = request.raw
    const call: QueryCall = { context, query, input: read(request), ...callerOf(headers, development) }
    const notBefore = tokenOf(headers)
    const answer = await application.query(notBefore === undefined ? call : { ...call, notBefore })
    // An answer depends on who asks and how fresh it must be, which no cache on the way knows.
    reply.header('cache-control', 'no-store')
    return sendJson(reply, answer)
  }
}
