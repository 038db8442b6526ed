import type { Failure } from '../../engine/jobs/rows.ts'
import type { JobStatus, PollerStatus, RunStatus, TaskState, TaskStatus } from '../../engine/jobs/status.ts'
import type { Paint } from '../paint.ts'

const colours = { idle: 'green', running: 'green', failing: 'yellow', failed: 'red' } as const

/** One line for a job or poller, and why it does not get on where it does not. */
export function taskText(it: TaskStatus, paint: Paint): string {
  return `${it.context} ${taskLines(it, paint).join('\n')}\n`
}

/** The same as lines, where the context is told already. */
export function taskLines(it: TaskStatus, paint: Paint): readonly string[] {
  const about = it.kind === 'job' ? jobText(it) : pollerText(it)
  const when = it.next === null ? '' : `, next ${it.next.toISOString()}`
  const line = `${it.kind} ${paint('bold', it.name)}  ${stateText(it.state, paint)}  ${about}${paint('gray', when)}`
  const error = it.kind === 'job' ? (it.run?.error ?? it.last?.error) : it.error
  return error == null ? [line] : [line, `  ${failureText(error, paint)}`]
}

const stateText = (state: TaskState, paint: Paint): string => paint(colours[state], state)

function jobText({ schedule, run, last, waiting }: JobStatus): string {
  const now = run === null ? '' : `, ${progressText(run)}`
  const before = run !== null || last === null ? '' : `, last ${last.state} ${progressText(last)}`
  const asked = waiting === 0 ? '' : `, ${waiting} asked for`
  return `${schedule ?? 'when asked for'}${now}${before}${asked}`
}

function pollerText({ schedule, handled, polled, tries, since }: PollerStatus): string {
  const asked = polled === null ? ', has not asked yet' : `, asked ${polled.toISOString()}`
  const failing = since === null ? '' : `, fails since ${since.toISOString()} (${tries} times)`
  return `${schedule}, ${handled} handled${asked}${failing}`
}

/** `1200 of 5000 (24 %)`. */
export function progressText({ done, total }: Pick<RunStatus, 'done' | 'total'>): string {
  if (total === null || total <= 0) return `${done} done`
  return `${done} of ${total} (${Math.min(100, Math.floor((100 * done) / total))} %)`
}

/** A run in a line. */
export function runText(it: RunStatus, paint: Paint): string {
  const { run, state, begun, ended, tries, again, error, since } = it
  const colour = state === 'failed' ? 'red' : state === 'cancelled' ? 'yellow' : 'green'
  const missed = since === null ? '' : `, for all that was due since ${since.toISOString()}`
  const over = ended === null ? '' : ` to ${ended.toISOString()}`
  const trying = again === null ? '' : `, tried ${tries} times, again at ${again.toISOString()}`
  const when = paint('gray', `${begun.toISOString()}${over}${missed}${trying}`)
  const line = `  ${paint('bold', run)}  ${paint(colour, state)}  ${progressText(it)}  ${when}\n`
  return error === null ? line : `${line}    ${failureText(error, paint)}\n`
}

function failureText({ code, reason, item }: Failure, paint: Paint): string {
  const where = item === undefined ? '' : ` ${paint('gray', 'item')} ${JSON.stringify(item)}`
  return `${paint('red', code)}${where} ${reason}`
}
