import type { JobDefinition } from '../../model/jobs/job.ts'
import type { PollerDefinition } from '../../model/jobs/poller.ts'
import { longestPauseMs } from './failure.ts'
import { newRun, type JobRow, type PollerRow, type RunRow } from './rows.ts'
import type { Timetable } from './timetable.ts'

/** A time that was due no longer ago than this counts as met in time, in milliseconds. */
const graceMs = 60_000

/** What is to be done about a job now. */
export type Step =
  /** Nothing before `at`; undefined: nothing that is known of. */
  | { readonly kind: 'wait'; readonly at: Date | undefined }
  /** There is a run to go on with. */
  | { readonly kind: 'work' }
  /** A run begins, or times are passed over: the row as it is then. */
  | { readonly kind: 'begin'; readonly row: JobRow }
  /** A run that was over goes on: it is read first. */
  | { readonly kind: 'resume'; readonly run: string }

/** What a job does next. `timetable` is that of its schedule. */
export function stepOf(
  { catchUp }: Pick<JobDefinition, 'catchUp'>,
  timetable: Timetable | undefined,
  row: JobRow,
  now: Date,
): Step {
  const { run } = row
  if (run !== null) {
    const again = run.again === null ? undefined : new Date(run.again)
    return run.cancel || again === undefined || reached(again, now, longestPauseMs)
      ? { kind: 'work' }
      : { kind: 'wait', at: again }
  }
  const [asked, ...waiting] = row.waiting
  if (asked?.resumes === true) return { kind: 'resume', run: asked.id }
  if (asked !== undefined) {
    const { id, at, input } = asked
    return { kind: 'begin', row: { ...row, waiting, run: newRun({ id, due: at, asked: true, input }, now) } }
  }
  return scheduled(catchUp, timetable, row, now)
}

function scheduled(
  catchUp: JobDefinition['catchUp'],
  timetable: Timetable | undefined,
  row: JobRow,
  now: Date,
): Step {
  const from = new Date(row.from)
  const first = timetable?.next(from)
  if (timetable === undefined || first === undefined || first > now) return { kind: 'wait', at: first }
  const due = catchUp === 'all' ? first : (timetable.latest(from, now) ?? first)
  const text = due.toISOString()
  if (catchUp === 'none' && now.getTime() - due.getTime() > graceMs) {
    return { kind: 'begin', row: { ...row, from: text } }
  }
  const since = due > first && catchUp === 'latest' ? first.toISOString() : null
  const run = newRun({ id: text, due: text, asked: false, input: {}, since }, now)
  return { kind: 'begin', row: { ...row, from: text, run } }
}

/** When a poller asks next, or undefined for now. */
export function nextPoll(
  { everyMs }: Pick<PollerDefinition, 'everyMs'>,
  { next }: Pick<PollerRow, 'next'>,
  now: Date,
): Date | undefined {
  const at = new Date(next)
  return reached(at, now, Math.max(everyMs, longestPauseMs)) ? undefined : at
}

/** Whether a time has come, or lies further ahead than it ever was: then the clock has been set back. */
function reached(at: Date, now: Date, mostMs: number): boolean {
  const left = at.getTime() - now.getTime()
  return left <= 0 || left > mostMs
}

/** A run as the user's code gets it. */
export function runOf(definition: JobDefinition, run: RunRow): { id: string; due: Date; input: object } {
  return { id: run.id, due: new Date(run.due), input: Object.freeze(definition.takes.decode(run.input)) }
}
