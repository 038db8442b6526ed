import type { ContextRuntime } from '../../app/context-runtime.ts'
import type { JobDefinition } from '../../model/jobs/job.ts'
import type { PollerDefinition } from '../../model/jobs/poller.ts'
import type { Around } from './around.ts'
import { nextPoll, stepOf } from './due.ts'
import { Hold } from './hold.ts'
import { JobWorker } from './job-worker.ts'
import { PollWorker } from './poll-worker.ts'
import { jobKey, newJob, newPoller, pollerKey, type JobRow, type PollerRow } from './rows.ts'
import { TaskRows } from './task-rows.ts'
import { timetableOf, type Timetable } from './timetable.ts'

/** A job or poller in this process. */
export interface Task {
  readonly key: string
  /** Its row, made if there is none yet. */
  prepare(row: object | undefined): Promise<void>
  /** When there is something to do; undefined: nothing that is known of. */
  due(row: object, now: Date): Date | undefined
  /** Whether what is done of it is to stop. */
  stops(row: object): boolean
  /** Whether anything of it was stored. */
  work(hold: Hold): Promise<boolean>
}

/** The jobs and pollers of a context. @throws DURE_JOB_SCHEDULE */
export function tasksOf(context: ContextRuntime, around: Around): readonly Task[] {
  const rows = new TaskRows(context.store, around.world)
  const { jobs, pollers } = context.definition
  return [
    ...jobs.map(({ definition }) => jobTask(context, definition, rows, around)),
    ...pollers.map(({ definition }) => pollerTask(context, definition, rows, around)),
  ]
}

function jobTask(context: ContextRuntime, it: JobDefinition, rows: TaskRows, around: Around): Task {
  const { world } = around
  const key = jobKey(it.name)
  const timetable = it.schedule && timetableOf(it.name, it.schedule)
  const worker = new JobWorker(context, it, timetable, rows, around)
  const schedule = it.schedule?.text ?? ''
  return {
    key,
    async prepare(row) {
      const known = row as JobRow | undefined
      if (known?.schedule === schedule) return
      const now = world.now()
      // What an earlier schedule has missed is not made up for by another one.
      const from = new Date(Math.max(now.getTime(), Date.parse(known?.from ?? now.toISOString())))
      await rows.write(
        key,
        known === undefined
          ? newJob(it.name, schedule, now)
          : { ...known, schedule, from: from.toISOString() },
      )
    },
    due: (row, now) => dueAt(it, timetable, row as JobRow, now),
    stops: (row) => (row as JobRow).run?.cancel === true,
    work: (hold) => worker.work(hold),
  }
}

function dueAt(
  it: JobDefinition,
  timetable: Timetable | undefined,
  row: JobRow,
  now: Date,
): Date | undefined {
  const step = stepOf(it, timetable, row, now)
  return step.kind === 'wait' ? step.at : now
}

function pollerTask(context: ContextRuntime, it: PollerDefinition, rows: TaskRows, around: Around): Task {
  const key = pollerKey(it.name)
  const worker = new PollWorker(context, it, rows, around)
  return {
    key,
    async prepare(row) {
      if (row === undefined) await rows.write(key, newPoller(it.name, around.world.now()))
    },
    due: (row, now) => nextPoll(it, row as PollerRow, now) ?? now,
    stops: () => false,
    work: (hold) => worker.work(hold),
  }
}
