import { Cron } from 'croner'
import { fault } from '../../kernel/errors/fault.ts'
import type { Schedule } from '../../model/jobs/schedule.ts'
import { reasonOf } from '../consuming/reason.ts'

/** The times of a schedule. Pure: what is due does not depend on when somebody looks, or where. */
export interface Timetable {
  /** The first time after `after`; undefined where there is none. */
  readonly next: (after: Date) => Date | undefined
  /** The last time after `after` and not after `until`. */
  readonly latest: (after: Date, until: Date) => Date | undefined
}

/**
 * Compiles the schedule of a job.
 * @throws DURE_JOB_SCHEDULE for a cron expression that cannot be read or never comes
 */
export function timetableOf(job: string, { text, rule }: Schedule): Timetable {
  if ('everyMs' in rule) return multiplesOf(rule.everyMs)
  const refuse = (reason: string, cause?: unknown): Error =>
    fault('DURE_JOB_SCHEDULE', { job, schedule: text, reason }, cause)
  const cron = read(rule, refuse)
  const next = (after: Date): Date | undefined => cron.nextRun(after) ?? undefined
  if (next(new Date(0)) === undefined) throw refuse('it never comes')
  return { next, latest: (after, until) => latestOf(next, after, until) }
}

function read(
  { cron, zone }: { readonly cron: string; readonly zone: string },
  refuse: (reason: string, cause: unknown) => Error,
): Cron {
  try {
    // Whoever gives hours and minutes means one run a day, also where the clocks skip or repeat them.
    return new Cron(cron, { timezone: zone, fixedTimeRule: 'no-wildcard', paused: true })
  } catch (error) {
    throw refuse(reasonOf(error), error)
  }
}

function multiplesOf(ms: number): Timetable {
  return {
    next: (after) => new Date((Math.floor(after.getTime() / ms) + 1) * ms),
    latest: (after, until) => {
      const at = Math.floor(until.getTime() / ms) * ms
      return at > after.getTime() ? new Date(at) : undefined
    },
  }
}

const second = 1000

// Years may have passed, so the times between are not walked through.
function latestOf(next: Timetable['next'], after: Date, until: Date): Date | undefined {
  const by = (at: number): Date | undefined => {
    const found = next(new Date(at))
    return found !== undefined && found <= until ? found : undefined
  }
  let low = after.getTime()
  let found = by(low)
  if (found === undefined) return undefined
  for (let high = until.getTime(); high - low > second;) {
    const middle = Math.floor((low + high) / 2)
    if (by(middle) === undefined) high = middle
    else low = middle
  }
  for (let later = by(low); later !== undefined; later = by(later.getTime())) found = later
  return found
}
