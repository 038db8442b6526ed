import { entry } from './entry.ts'

const listed = (known: readonly string[]): string =>
  known.length > 0 ? `There are ${known.map((it) => JSON.stringify(it)).join(', ')}.` : 'The system has none.'

/** Errors of jobs and pollers. */
export const jobErrors = {
  DURE_JOB_UNKNOWN: entry<{ job: string; known: readonly string[] }>({
    kind: 'missing',
    about: 'No context of the system has a job or poller of this name among its parts.',
    message: (d) => `There is no job ${JSON.stringify(d.job)}.`,
    hint: (d) => listed(d.known),
  }),
  DURE_JOB_SCHEDULE: entry<{ job: string; schedule: string; reason: string }>({
    kind: 'misuse',
    about:
      'The schedule of a job is a cron expression that cannot be read, or one that never comes: the 30th of February.',
    message: (d) => `The job "${d.job}" cannot be scheduled by ${JSON.stringify(d.schedule)}: ${d.reason}.`,
    hint: () => "Write minute, hour, day of the month, month and day of the week: cron('30 2 1 * *', 'UTC').",
  }),
  DURE_JOB_REJECTED: entry<{ job: string; command: string; rejected: string }>({
    kind: 'misuse',
    about:
      'A command that a job or poller issued for an item was rejected, and it has no `.rejected(…)`. Nothing of the page is stored.',
    message: (d) => `"${d.job}" issued ${d.command}, which was rejected: ${d.rejected}.`,
    hint: () =>
      'Add .rejected(…), returning [] where a no is fine; or let the item be passed over with dure jobs skip.',
  }),
  DURE_JOB_FAILED: entry<{ job: string; reason: string }>({
    kind: 'misuse',
    about:
      'What reads the items of a job or poller, or what is done with one of them, threw an error of its own. Nothing of the page is stored.',
    message: (d) => `"${d.job}" failed: ${d.reason}`,
    hint: () => 'Mend it; a run that has failed goes on at its cursor with dure jobs run --resume.',
  }),
  DURE_JOB_PAGE: entry<{ job: string; reason: string }>({
    kind: 'misuse',
    about:
      'What a job or poller has read is no page of items: it is no list, too long, an item has no key, the cursor is no JSON, or a page leads to itself.',
    message: (d) => `"${d.job}" has read a page that cannot be used: ${d.reason}.`,
    hint: () => 'Return { items, next } from reads(…), and { items, cursor } from the source of a poller.',
  }),
  DURE_JOB_LIMIT: entry<{ job: string; limitMs: number }>({
    kind: 'unavailable',
    about:
      'A run of a job has worked for longer than its limit, or a source has not answered a poller in time. It was cancelled; what it had stored stays.',
    message: (d) => `"${d.job}" was not done within ${d.limitMs} ms.`,
    hint: () =>
      'See why it takes so long; give it more with { limit }, or let it go on with dure jobs run --resume.',
  }),
  DURE_JOB_RUN_UNKNOWN: entry<{ job: string; run: string }>({
    kind: 'missing',
    about: 'The job has no such run, or it is too long ago: the last fifty are kept.',
    message: (d) => `The job "${d.job}" has no run ${d.run}.`,
    hint: () => 'dure jobs show lists its runs.',
  }),
  DURE_JOB_RUN_STATE: entry<{ job: string; run: string; state: string; what: string }>({
    kind: 'conflict',
    about:
      'Only a run that has failed or was cancelled can be resumed, and only one that is not over can be cancelled.',
    message: (d) => `The run ${d.run} of "${d.job}" is ${d.state} and cannot be ${d.what}.`,
    hint: () => 'dure jobs show tells how its runs stand.',
  }),
  DURE_JOB_BUSY: entry<{ job: string; waiting: number }>({
    kind: 'conflict',
    about: 'So many runs of the job wait already that another one would hardly be meant.',
    message: (d) => `${d.waiting} runs of "${d.job}" wait to begin.`,
    hint: () => 'See that a process with the role batch runs; dure jobs cancel takes out what waits.',
  }),
} as const
