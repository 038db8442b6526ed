import type { FastifyReply, FastifyRequest } from 'fastify'
import { fault } from '../kernel/errors/fault.ts'
import type { System } from '../model/system.ts'
import { sendProblem } from './answers.ts'
import { problemOf } from './problem.ts'

interface Known {
  readonly method: string
  readonly path: string
}

/** Answers what no route took: 405 with Allow where the path exists for another method, OPTIONS, else 404. */
export function unknownPathHandler(system: System, routes: readonly Known[]) {
  const patterns = routes.map((it) => ({ method: it.method, matches: patternOf(it.path) }))
  return (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const { method } = request
    const path = (request.url.split('?', 1)[0] as string).slice(0, 2000)
    const allowed = allowedIn(patterns.filter((it) => it.matches.test(path)))
    if (allowed.length === 0) return sendProblem(reply, problemOf(unknown(system, method, path)))
    reply.header('allow', allowed.join(', '))
    if (method === 'OPTIONS') return reply.code(204).send()
    return sendProblem(
      reply,
      problemOf(fault('DURE_HTTP_METHOD', { method, path: path.slice(0, 200), allowed })),
    )
  }
}

function allowedIn(found: readonly { readonly method: string }[]): readonly string[] {
  if (found.length === 0) return []
  const methods = new Set(found.map((it) => it.method))
  if (methods.has('GET')) methods.add('HEAD')
  return [...methods, 'OPTIONS'].toSorted()
}

function patternOf(path: string): RegExp {
  const literal = path.split(/:\w+/).map((it) => it.replaceAll(/[.]/g, '\\$&'))
  return new RegExp(`^${literal.join('[^/]+')}$`)
}

// A command or query that is merely misspelt gets the names that exist.
function unknown(system: System, method: string, path: string): ReturnType<typeof fault> {
  const [, side, context, name] = /^\/([cq])\/([^/]+)\/([^/]+)$/.exec(path) ?? []
  const contract = system.contexts.find((it) => it.name.toLowerCase() === context)?.contract
  if (contract === undefined || name === undefined) {
    return fault('DURE_HTTP_ROUTE', { method, path: path.slice(0, 200) })
  }
  const short = name.slice(0, 100)
  return side === 'c'
    ? fault('DURE_COMMAND_UNKNOWN', {
        context: contract.name,
        command: short,
        known: Object.keys(contract.commands),
      })
    : fault('DURE_QUERY_UNKNOWN', {
        context: contract.name,
        query: short,
        known: Object.keys(contract.queries),
      })
}
