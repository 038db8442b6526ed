import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Application, CommandCall, CommandReply, QueryCall } from '../app/calls.ts'
import type { Json } from '../kernel/json.ts'
import type { World } from '../kernel/world.ts'
import type { Callers } from './callers.ts'
import { sendAccepted, sendJson, sendProblem } from './answers.ts'
import type { CommandEndpoint, Endpoint, QueryEndpoint } from './endpoint.ts'
import type { RateLimit } from './overload/rate-limit.ts'
import { answered, waitingOn } from './callers/hang-up.ts'
import { rejectionProblem } from './problem.ts'
import { inputReaderOf } from './read-input.ts'
import { circumstancesOf, envelopeOf, expectedVersionOf, tokenOf, type Writable } from './request-headers.ts'

/** What the handlers of one server share. */
export interface Edge {
  readonly application: Application
  readonly world: World
  readonly callers: Callers
  readonly rate?: RateLimit | undefined
}

type Handle = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>

/** The handler of an endpoint; made once, so that a request makes no function. */
export function handlerOf(endpoint: Endpoint, edge: Edge): Handle {
  return endpoint.kind === 'command' ? commandHandler(endpoint, edge) : queryHandler(endpoint, edge)
}

function commandHandler(endpoint: CommandEndpoint, { application, world, callers, rate }: Edge): Handle {
  const { context, name: command } = endpoint
  const read = inputReaderOf(endpoint)
  return async (request, reply) => {
    const { headers } = request.raw
    const asked = callers.of(request.raw, context)
    const caller = asked instanceof Promise ? await asked : asked
    rate?.take(caller, request.ip)
    const envelope = envelopeOf(headers, caller, world)
    const call: Writable<CommandCall> = { context, command, input: read(request), envelope }
    const expectedVersion = expectedVersionOf(headers)
    if (expectedVersion !== undefined) call.expectedVersion = expectedVersion
    const notBefore = tokenOf(headers)
    if (notBefore !== undefined) call.notBefore = notBefore
    const { socket } = request.raw
    const waiting = waitingOn(socket)
    envelope.signal = waiting.signal
    let answer: CommandReply
    try {
      answer = await application.command(call)
    } finally {
      answered(socket, waiting)
    }
    // Said back to whoever said it; a header costs 0.4 µs, and who sends none looks for none.
    if (headers['x-request-id'] !== undefined) reply.header('x-request-id', envelope.correlation)
    return answer.ok ? sendAccepted(reply, endpoint, answer) : sendProblem(reply, rejectionProblem(answer))
  }
}

function queryHandler(endpoint: QueryEndpoint, { application, world, callers, rate }: Edge): Handle {
  const { context, name: query } = endpoint
  const read = inputReaderOf(endpoint)
  return async (request, reply) => {
    const { headers } = request.raw
    const asked = callers.of(request.raw, context)
    const caller = asked instanceof Promise ? await asked : asked
    rate?.take(caller, request.ip)
    const given = circumstancesOf(headers, world)
    const call: Writable<QueryCall> = { context, query, input: read(request), ...caller, ...given }
    const { socket } = request.raw
    const waiting = waitingOn(socket)
    call.signal = waiting.signal
    let answer: Json
    try {
      answer = await application.query(call)
    } finally {
      answered(socket, waiting)
    }
    // An answer depends on who asks and how fresh it must be, which no cache on the way knows.
    reply.header('cache-control', 'no-store')
    return sendJson(reply, answer)
  }
}
