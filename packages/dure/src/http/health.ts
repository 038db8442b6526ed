import type { FastifyInstance } from 'fastify'
import { fault } from '../kernel/errors/fault.ts'
import { sendJson, sendProblem } from './answers.ts'
import { problemOf } from './problem.ts'

/** What keeps the process from serving, in words; empty when nothing does. */
export type Ready = () => Promise<readonly string[]>

/** What is not as it should be and does not keep the process from serving, in words. */
export type Degraded = () => readonly string[]

export const HEALTH: readonly string[] = ['/healthz', '/readyz']

/**
 * Answers `/healthz` (the process lives) and `/readyz` (it can serve, perhaps without all of its work). Liveness asks nobody: a process whose database is
 * gone must not be restarted for it.
 */
export function answerHealth(server: FastifyInstance, ready: Ready, degraded: Degraded): void {
  server.get('/healthz', (_, reply) =>
    sendJson(reply.header('cache-control', 'no-store'), { status: 'live' }),
  )
  server.get('/readyz', async (_, reply) => {
    const reasons = await ready().catch(() => ['the check of readiness failed'])
    if (reasons.length > 0) return sendProblem(reply, problemOf(fault('DURE_HTTP_NOT_READY', { reasons })))
    const short = degraded()
    const answer = short.length > 0 ? { status: 'ready', degraded: short } : { status: 'ready' }
    return sendJson(reply.header('cache-control', 'no-store'), answer)
  })
}
