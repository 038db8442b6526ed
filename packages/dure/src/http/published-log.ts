import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { PublishedLog } from '../app/published-log.ts'
import { isDureError } from '../kernel/error.ts'
import { fault } from '../kernel/errors/fault.ts'
import { sendJson } from './answers.ts'
import type { Callers } from './callers.ts'

/** Events of the log that one answer covers, at most. */
const MOST = 1000

/** The logs of the contexts here, by name. */
export type PublishedLogs = ReadonlyMap<string, PublishedLog>

/** The paths under which the logs are served, for the answer to what is no path. */
export function publishedLogPaths(logs: PublishedLogs): readonly string[] {
  return [...logs.keys()].flatMap((it) => {
    const path = `/e/${it.toLowerCase()}`
    return [path, `${path}/lineage`, `${path}/settled`]
  })
}

/**
 * Serves what the contexts here have published to the processes of other contexts: `GET /e/<context>?after=…&limit=…` or
 * `?position=…`, `/lineage` and `/settled`. Not for the outside: a proxy leaves `/e/` closed.
 */
export function answerPublishedLogs(
  server: FastifyInstance,
  logs: PublishedLogs,
  callers: Callers,
  guarded: boolean,
): void {
  for (const [context, log] of logs) {
    const path = `/e/${context.toLowerCase()}`
    const onRequest = async ({ raw }: FastifyRequest): Promise<void> => {
      if (!guarded) return
      // A log is of all tenants: it is for the other services of the system, and for no user.
      const { service } = await callers.of(raw, context)
      if (service === undefined) throw fault('DURE_FORBIDDEN', { context, what: `the log of ${context}` })
    }
    const get = (at: string, answer: (reply: FastifyReply, query: Query) => Promise<FastifyReply>): void =>
      void server.get(at, { onRequest }, ({ query }, reply) => answer(reply, query as Query))
    get(`${path}/lineage`, async (reply) => sendJson(reply, (await log.lineage()) as never))
    get(`${path}/settled`, async (reply) => sendJson(reply, { mark: await log.settled() }))
    get(path, (reply, query) => sendPage(reply, log, query))
  }
}

type Query = Readonly<Record<string, unknown>>

async function sendPage(reply: FastifyReply, log: PublishedLog, query: Query): Promise<FastifyReply> {
  reply.header('cache-control', 'no-store').header('content-type', 'application/json; charset=utf-8')
  try {
    const limit = Math.min(MOST, whole(query, 'limit', MOST))
    const { messages, ...page } =
      query['position'] === undefined
        ? await log.read(whole(query, 'after', 0), limit)
        : await log.find(whole(query, 'position', 0))
    // The messages are JSON already.
    return reply.send(`${JSON.stringify(page).slice(0, -1)},"messages":[${messages.join(',')}]}`)
  } catch (error) {
    if (!isDureError(error, 'DURE_LOG_ARCHIVED')) throw error
    // For whoever asks it is no failure inside, but what they have to be told.
    const { code, message, details } = error
    return reply.code(410).send(JSON.stringify({ code, title: message, details }))
  }
}

function whole(query: Readonly<Record<string, unknown>>, name: string, fallback: number): number {
  const given = query[name]
  if (given === undefined) return fallback
  const value = Number(given)
  if (given !== '' && Number.isSafeInteger(value) && value >= 0) return value
  const issues = [{ path: `/${name}`, message: 'is not a whole number from 0' }]
  throw fault('DURE_COMMAND_INVALID', { command: 'GET /e', issues })
}
