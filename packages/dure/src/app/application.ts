import { fault } from '../kernel/errors/fault.ts'
import { plainJson } from '../kernel/plain-json.ts'
import { answerOf, readAnswer } from '../model/shapes-of-call.ts'
import type { System } from '../model/system.ts'
import type { Application, QueryCall } from './calls.ts'
import { Commands } from './commands.ts'
import type { ContextRuntime } from './context-runtime.ts'
import { Queries } from './queries.ts'
import type { AskedQuery, Asker, Asking, Progress } from './reading.ts'
import { readToken, writeToken } from './token.ts'

/**
 * How a query crosses from one context of this process to another. `copied`: as JSON both ways, so that a test meets what
 * a network would do to it. `plain`: as values, checked by the contract, for production. A function puts something between
 * the two contexts, such as `unreliable(…)` of dure/testing.
 */
export type Crossing = 'copied' | 'plain' | ((callee: Application) => Application)

interface Served {
  readonly commands: Commands
  readonly queries: Queries
}

/** An application with the way for a context of it to ask another, on behalf of who is not answering a call: a job. */
export interface AskingApplication extends Application {
  readonly ask: Asking
}

/** The application layer of the contexts that run in this process; `remote` is asked for all others. */
export function createApplication(
  system: System,
  contexts: readonly ContextRuntime[],
  progress: Progress,
  remote: Application = nowhere,
  crossing: Crossing = 'copied',
): AskingApplication {
  const served = new Map<string, Served>(
    contexts.map((it) => [
      it.name,
      { commands: new Commands(it, progress), queries: new Queries(it, progress) },
    ]),
  )
  const upstreams = upstreamsOf(system)
  const application: Application = {
    async command(call) {
      const found = served.get(call.context)
      return await (found === undefined ? remote.command(call) : found.commands.carryOut(call, ask))
    },
    async query(call) {
      const found = served.get(call.context)
      if (found === undefined) return remote.query(call)
      const { notBefore, input, query, context: _, ...who } = call
      const places = notBefore === undefined || notBefore === '' ? nowhereInParticular : readToken(notBefore)
      return found.queries.answer(query, input, { ...who, places }, ask)
    },
  }
  const between = typeof crossing === 'function' ? crossing(application) : undefined
  const ask: Asking = async (from, query, input, asker) => {
    const { context, name } = query
    const foreign = context !== from
    if (foreign && upstreams.get(from)?.has(context) !== true) {
      throw fault('DURE_RELATION_MISSING', { from, to: context, what: `the query ${name}` })
    }
    const found = served.get(context)
    if (found === undefined) return readAnswer(query, await remote.query(callOf(from, query, input, asker)))
    if (foreign && between !== undefined) {
      return readAnswer(query, await between.query(callOf(from, query, input, asker)))
    }
    if (crossing === 'plain') return found.queries.values(name, input, asker, ask, from)
    return answerOf(query).decode(await found.queries.answer(name, plainJson(input), asker, ask, from))
  }
  return { ...application, ask }
}

const nowhereInParticular: readonly never[] = []

/** The contexts that are neither here nor elsewhere. */
const nowhere: Application = {
  command: async ({ context, command }) => {
    throw fault('DURE_COMMAND_UNKNOWN', { context, command, known: [] })
  },
  query: async ({ context, query }) => {
    throw fault('DURE_QUERY_UNKNOWN', { context, query, known: [] })
  },
}

function callOf(service: string, { context, name }: AskedQuery, input: object, asker: Asker): QueryCall {
  const { places, ...who } = asker
  const call = { context, query: name, input: plainJson(input), ...who, service }
  return places.length === 0 ? call : { ...call, notBefore: writeToken(places) }
}

/** The contexts that each context may use, by the context map. */
function upstreamsOf(system: System): ReadonlyMap<string, ReadonlySet<string>> {
  const upstreams = new Map<string, Set<string>>()
  for (const it of system.map) {
    if (!('upstream' in it)) continue
    const known = upstreams.get(it.downstream.name) ?? new Set()
    upstreams.set(it.downstream.name, known.add(it.upstream.name))
  }
  return upstreams
}
