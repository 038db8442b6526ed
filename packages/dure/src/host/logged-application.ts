import type { Application, CommandCall, QueryCall } from '../app/calls.ts'
import { isDureError } from '../kernel/error.ts'
import type { Log } from './log.ts'

/** Says of every command how it ended, and of every query that failed, with trace and aggregate id. */
export function loggedApplication(application: Application, log: Log): Application {
  return {
    async command(call) {
      try {
        const reply = await application.command(call)
        if (!reply.ok)
          log('info', 'command rejected', { ...named(call), id: idIn(call.input), rejected: reply.rejected })
        else if (log.quiet !== true)
          log('debug', 'command carried out', { ...named(call), id: reply.id, version: reply.version })
        return reply
      } catch (error) {
        log(levelOf(error), 'command failed', { ...named(call), id: idIn(call.input), error })
        throw error
      }
    },
    async query(call) {
      try {
        return await application.query(call)
      } catch (error) {
        const { context, query } = call satisfies QueryCall
        log(levelOf(error), 'query failed', { context, query, error })
        throw error
      }
    },
  }
}

// What a caller did wrong is told to the caller; only what is wrong here is worth waking somebody.
function levelOf(error: unknown): 'info' | 'warn' | 'error' {
  if (!isDureError(error) || error.kind === 'misuse' || error.kind === 'corrupt') return 'error'
  return error.kind === 'unavailable' ? 'warn' : 'info'
}

function named({ context, command, envelope }: CommandCall): Readonly<Record<string, unknown>> {
  const { correlation, traceparent } = envelope
  const trace = traceparent?.split('-')[1]
  return { context, command, correlation, ...(trace !== undefined && { trace }) }
}

function idIn(input: unknown): string | undefined {
  const id = typeof input === 'object' && input !== null ? (input as { id?: unknown }).id : undefined
  return typeof id === 'string' ? id.slice(0, 200) : undefined
}
