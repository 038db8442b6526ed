import { fault } from '../kernel/errors/fault.ts'
import type { Json } from '../kernel/json.ts'
import type { System } from '../model/system.ts'
import type { Application, CommandCall, CommandReply, QueryCall } from './calls.ts'
import { Commands } from './commands.ts'
import type { ContextRuntime } from './context-runtime.ts'
import { Queries } from './queries.ts'
import type { Asker, Asking, Progress } from './reading.ts'
import { readToken } from './token.ts'

interface Served {
  readonly commands: Commands
  readonly queries: Queries
}

/** The application layer of the contexts that run in this process. */
export function createApplication(
  system: System,
  contexts: readonly ContextRuntime[],
  progress: Progress,
): Application {
  const served = new Map<string, Served>(
    contexts.map((it) => [
      it.name,
      { commands: new Commands(it, progress), queries: new Queries(it, progress) },
    ]),
  )
  const ask: Asking = async (from, query, input, asker) => {
    if (from !== query.context && !related(system, from, query.context)) {
      throw fault('DURE_RELATION_MISSING', { from, to: query.context, what: `the query ${query.name}` })
    }
    return answer(query.context, query.name, input, asker)
  }
  const answer = async (context: string, query: string, input: unknown, asker: Asker): Promise<Json> => {
    const found = served.get(context)
    if (found === undefined) throw fault('DURE_QUERY_UNKNOWN', { context, query, known: [] })
    return found.queries.answer(query, input, asker, ask)
  }
  return {
    async command(call: CommandCall): Promise<CommandReply> {
      const found = served.get(call.context)
      if (found !== undefined) return await found.commands.carryOut(call, ask)
      throw fault('DURE_COMMAND_UNKNOWN', { context: call.context, command: call.command, known: [] })
    },
    async query(call: QueryCall): Promise<Json> {
      const places = call.notBefore ? readToken(call.notBefore) : []
      return answer(call.context, call.query, call.input, { actor: call.actor, tenant: call.tenant, places })
    },
  }
}

/** Whether the context map lets `downstream` use `upstream`. */
function related(system: System, downstream: string, upstream: string): boolean {
  return system.map.some(
    (it) => 'upstream' in it && it.upstream.name === upstream && it.downstream.name === downstream,
  )
}
