import { isDureError } from '../kernel/error.ts'
import type { EngineLog } from '../engine/consuming/work.ts'
import type { World } from '../kernel/world.ts'

export type Log = EngineLog

/** Fields of a log line: names, codes and ids, never payloads. */
export type LogFields = Readonly<Record<string, unknown>>

const levels = ['debug', 'info', 'warn', 'error'] as const

/** One JSON object a line, the shape log shippers expect: time, level, message, then the fields; errors with code and stack. */
export function jsonLog(
  world: World,
  write: (line: string) => void,
  from: (typeof levels)[number] = 'info',
): Log {
  const lowest = levels.indexOf(from)
  const log: Log = (level, message, fields) => {
    if (levels.indexOf(level) < lowest) return
    write(`${JSON.stringify({ time: world.now().toISOString(), level, message, ...plain(fields) })}\n`)
  }
  return Object.assign(log, { quiet: lowest > 0 })
}

/** Hears nothing. */
export const silent: Log = Object.assign(() => undefined, { quiet: true })

/** Fields as JSON can hold them. */
export function plain(fields: LogFields): LogFields {
  if (!('error' in fields)) return fields
  const { error, ...rest } = fields
  return { ...rest, ...errorFields(error) }
}

function errorFields(error: unknown): LogFields {
  if (isDureError(error)) {
    return { code: error.code, error: error.message, hint: error.hint, ...causeOf(error) }
  }
  if (error instanceof Error) return { error: error.message, stack: error.stack, ...causeOf(error) }
  return { error: String(error) }
}

function causeOf(error: Error): LogFields {
  const { cause } = error
  return cause instanceof Error ? { cause: cause.message, stack: cause.stack } : {}
}
