import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { fault } from '../../kernel/errors/fault.ts'
import type { World } from '../../kernel/world.ts'
import { sendProblem } from '../answers.ts'
import { problemOf } from '../problem.ts'
import { Gate, type GateOptions } from './gate.ts'

type Work = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>

/** Sees to it that a server takes on no more requests than it can answer soon. */
export interface Admission {
  /** Requests that are worked on or wait. */
  readonly busy: () => number
  /** Before the body of a request is read: goes on, makes it wait, or answers 503. */
  readonly onRequest: (request: FastifyRequest, reply: FastifyReply, done: () => void) => void
  /** The work of a handler, after which its turn is over. */
  readonly during: (work: Work) => Work
}

const turn: unique symbol = Symbol('turn')

const turnOf = (request: FastifyRequest): Turn => request as unknown as Turn

interface Turn {
  [turn]: 'none' | 'entered' | 'working' | 'left'
}

/** Makes one; a request holds its turn until its handler is done, also where the client has gone meanwhile. */
export function createAdmission(server: FastifyInstance, options: GateOptions, world: World): Admission {
  const gate = new Gate(options, world)
  const overloaded = problemOf(fault('DURE_HTTP_OVERLOADED', {}))
  server.decorateRequest(turn, 'none')
  const leave = (it: Turn): void => {
    if (it[turn] === 'left') return
    it[turn] = 'left'
    gate.leave()
  }
  const begin = (request: FastifyRequest, reply: FastifyReply): void => {
    const it = turnOf(request)
    it[turn] = 'entered'
    // One that fails before its handler, such as by its body, ends here.
    reply.raw.once('close', () => {
      if (it[turn] === 'entered') leave(it)
    })
  }
  return {
    busy: () => gate.working + gate.waiting,
    onRequest(request, reply, done) {
      if (gate.enter()) {
        begin(request, reply)
        done()
        return
      }
      const place = gate.wait((entered) => {
        if (entered) {
          begin(request, reply)
          done()
        } else sendProblem(reply, overloaded)
      })
      if (place === undefined) sendProblem(reply, overloaded)
      else reply.raw.once('close', () => gate.giveUp(place))
    },
    during: (work) => async (request, reply) => {
      const it = turnOf(request)
      it[turn] = 'working'
      try {
        return await work(request, reply)
      } finally {
        leave(it)
      }
    },
  }
}
