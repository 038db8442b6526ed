import { fault } from '../../kernel/errors/fault.ts'
import { durationMs, type Duration } from './duration.ts'

/** When something is due, as data: what computes the times is the engine's. */
export interface Schedule {
  readonly kind: 'schedule'
  /** One line, the same for equal schedules: `every 1h`, `daily 03:00 Asia/Seoul`. */
  readonly text: string
  readonly rule: Rule
}

type Rule =
  | { readonly everyMs: number }
  /** Six fields, seconds first, or five. */
  | { readonly cron: string; readonly zone: string }

/** A day of the week. */
export type Weekday = 'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun'

/**
 * At all multiples of a length of time, counted from 1970 in UTC: `every('1h')` is due at each full hour, in every process
 * and after every restart.
 */
export function every(period: Duration): Schedule {
  const everyMs = durationMs(`every(${JSON.stringify(period)})`, 'its period', period)
  return { kind: 'schedule', text: `every ${period}`, rule: { everyMs } }
}

/**
 * Once a day by the clocks of a time zone, an IANA name: `daily('03:00', 'Asia/Seoul')`. On the day that clocks go forward
 * over the time it is due right after the gap; on the day that they go back, the first time only.
 */
export function daily(at: string, zone: string): Schedule {
  const { minute, hour } = clockTime(`daily(${JSON.stringify(at)}, …)`, at)
  return byCron(`daily ${at} ${zone}`, `0 ${minute} ${hour} * * *`, zone)
}

/** Once a week: `weekly('mon', '09:00', 'Asia/Seoul')`; else as `daily`. */
export function weekly(on: Weekday, at: string, zone: string): Schedule {
  const { minute, hour } = clockTime(`weekly('${on}', ${JSON.stringify(at)}, …)`, at)
  return byCron(`weekly ${on} ${at} ${zone}`, `0 ${minute} ${hour} * * ${on}`, zone)
}

/**
 * By a cron expression of five fields, or six with seconds first, and the clocks of a time zone:
 * `cron('30 2 1 * *', 'Europe/Berlin')`. A time without `*` or a step meets changes of the clocks as `daily` does.
 */
export function cron(expression: string, zone: string): Schedule {
  return byCron(`cron ${expression} ${zone}`, expression, zone)
}

function byCron(text: string, expression: string, zone: string): Schedule {
  // A zone is asked for, so that a machine's own never decides when something is due.
  if (isZone(zone)) return { kind: 'schedule', text, rule: { cron: expression, zone } }
  throw fault('DURE_MODEL_INVALID', {
    where: text,
    reason: `${JSON.stringify(zone)} is no time zone.`,
    fix: "Name one of the IANA data base, 'Asia/Seoul' or 'UTC'.",
  })
}

function isZone(zone: unknown): boolean {
  try {
    return typeof zone === 'string' && Intl.DateTimeFormat('en', { timeZone: zone }).format(0) !== ''
  } catch {
    return false
  }
}

function clockTime(where: string, at: string): { readonly hour: number; readonly minute: number } {
  const [, hour, minute] = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(at) ?? []
  if (hour !== undefined) return { hour: Number(hour), minute: Number(minute) }
  throw fault('DURE_MODEL_INVALID', {
    where,
    reason: `${JSON.stringify(at)} is no time of day.`,
    fix: "Write hours and minutes of a 24-hour clock: '03:00'.",
  })
}
