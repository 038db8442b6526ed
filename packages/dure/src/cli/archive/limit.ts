import { fault } from '../../kernel/errors/fault.ts'

const dayMs = 24 * 60 * 60 * 1000
/** Stored replies, which are kept for some three weeks, ask for the place of the event that they answered with. */
const leastDays = 30

/**
 * The time before which events may be archived: `90d`, or a date.
 * @throws DURE_CLI_USAGE
 */
export function limitOf(given: unknown, now: Date): Date {
  if (typeof given !== 'string') throw wrong('It is not said how old events have to be.')
  const days = /^(\d{1,6})d$/.exec(given)?.[1]
  const isDate = /^\d{4}-\d\d-\d\d(T.+)?$/.test(given)
  const at =
    days === undefined ? (isDate ? new Date(given) : undefined) : now.getTime() - Number(days) * dayMs
  const limit = at === undefined ? undefined : new Date(at)
  if (limit === undefined || Number.isNaN(limit.getTime())) {
    throw wrong(`${JSON.stringify(given)} is neither a number of days, 90d, nor a date, 2026-01-31.`)
  }
  if (limit.getTime() > now.getTime() - leastDays * dayMs) {
    throw wrong(`Events of the last ${leastDays} days stay in the log.`)
  }
  return limit
}

function wrong(problem: string): Error {
  return fault('DURE_CLI_USAGE', { problem, usage: 'dure admin log archive --before 365d --to archive' })
}
