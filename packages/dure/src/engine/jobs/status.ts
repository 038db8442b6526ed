import type { ContextDefinition } from '../../model/context.ts'
import type { JobDefinition } from '../../model/jobs/job.ts'
import type { PollerDefinition } from '../../model/jobs/poller.ts'
import type { ContextStore } from '../../ports/store.ts'
import type { World } from '../../kernel/world.ts'
import { nextPoll, stepOf } from './due.ts'
import { jobKey, pollerKey, type Failure, type JobRow, type PollerRow, type RunRow } from './rows.ts'
import { TaskRows } from './task-rows.ts'
import { timetableOf } from './timetable.ts'

/**
 * How a job or poller stands: `running` has a run that is not over, or asks; `failing` waits to try again; `failed` had a run
 * that failed last; `idle` waits until it is due or asked for.
 */
export type TaskState = 'idle' | 'running' | 'failing' | 'failed'

/** A run, as it is told. */
export interface RunStatus {
  readonly run: string
  readonly due: Date
  readonly asked: boolean
  readonly state: RunRow['state']
  readonly begun: Date
  readonly ended: Date | null
  /** Items that are done, and in all where that is known. */
  readonly done: number
  readonly total: number | null
  readonly tries: number
  readonly again: Date | null
  readonly error: Failure | null
  /** The first of the missed times that it stands for. */
  readonly since: Date | null
}

/** Where a job stands. */
export interface JobStatus {
  readonly kind: 'job'
  readonly context: string
  readonly name: string
  /** `daily 03:00 Asia/Seoul`; `null` where it runs when somebody asks. */
  readonly schedule: string | null
  readonly state: TaskState
  /** When it is due next; `null` where that is not known, or before any process with the role `batch` has run. */
  readonly next: Date | null
  readonly run: RunStatus | null
  /** The last run that is over. */
  readonly last: RunStatus | null
  /** Runs that were asked for and have not begun. */
  readonly waiting: number
  /** Who works on it now, by its lease. */
  readonly holder: string | null
}

/** Where a poller stands. */
export interface PollerStatus {
  readonly kind: 'poller'
  readonly context: string
  readonly name: string
  readonly schedule: string
  readonly state: TaskState
  readonly next: Date | null
  /** When it last asked. */
  readonly polled: Date | null
  readonly handled: number
  readonly tries: number
  readonly error: Failure | null
  /** Since when it fails. */
  readonly since: Date | null
  readonly holder: string | null
}

export type TaskStatus = JobStatus | PollerStatus

/** Where the jobs and pollers of a context stand, from its store alone. */
export async function tasksIn(
  { name: context, jobs, pollers }: Pick<ContextDefinition, 'name' | 'jobs' | 'pollers'>,
  store: ContextStore,
  world: World,
): Promise<readonly TaskStatus[]> {
  if (jobs.length + pollers.length === 0) return []
  const rows = new TaskRows(store, world)
  const keys = [...jobs.map(({ name }) => jobKey(name)), ...pollers.map(({ name }) => pollerKey(name))]
  const found = await rows.read(keys)
  const now = world.now()
  const holder = async (key: string): Promise<string | null> => (await store.readLease(key))?.holder ?? null
  return Promise.all([
    ...jobs.map(async ({ definition }) => {
      const key = jobKey(definition.name)
      const [last] = await rows.runs(definition.name, 1)
      const row = found.get(key) as unknown as JobRow | undefined
      return { context, ...jobStatus(definition, row, last, now), holder: await holder(key) }
    }),
    ...pollers.map(async ({ definition }) => {
      const key = pollerKey(definition.name)
      const row = found.get(key) as unknown as PollerRow | undefined
      const held = await holder(key)
      return { context, ...pollerStatus(definition, row, held !== null, now), holder: held }
    }),
  ])
}

/** Whether nobody has to look after it. */
export function isTaskWell({ state }: TaskStatus): boolean {
  return state === 'idle' || state === 'running'
}

function jobStatus(
  job: JobDefinition,
  row: JobRow | undefined,
  last: RunRow | undefined,
  now: Date,
): Omit<JobStatus, 'context' | 'holder'> {
  const { name, schedule } = job
  const run = row?.run ?? null
  const failing = run !== null && run.again !== null
  const state = failing ? 'failing' : run !== null ? 'running' : last?.state === 'failed' ? 'failed' : 'idle'
  return {
    kind: 'job',
    name,
    schedule: schedule?.text ?? null,
    state,
    next: (row && nextOf(job, row, now)) ?? null,
    run: run && runStatus(run),
    last: last === undefined ? null : runStatus(last),
    waiting: row?.waiting.length ?? 0,
  }
}

function nextOf(job: JobDefinition, row: JobRow, now: Date): Date | undefined {
  if (job.schedule === undefined) return undefined
  const step = stepOf(job, timetableOf(job.name, job.schedule), { ...row, run: null, waiting: [] }, now)
  return step.kind === 'wait' ? step.at : now
}

/** A run as it is told. */
export function runStatus(it: RunRow): RunStatus {
  const { id: run, asked, state, done, total, tries, error } = it
  return {
    run,
    due: new Date(it.due),
    asked,
    state,
    begun: new Date(it.begun),
    ended: dateOf(it.ended),
    done,
    total,
    tries,
    again: dateOf(it.again),
    error,
    since: dateOf(it.since),
  }
}

const dateOf = (text: string | null): Date | null => (text === null ? null : new Date(text))

function pollerStatus(
  poller: PollerDefinition,
  row: PollerRow | undefined,
  held: boolean,
  now: Date,
): Omit<PollerStatus, 'context' | 'holder'> {
  const { name, text: schedule } = poller
  const error = row?.error ?? null
  return {
    kind: 'poller',
    name,
    schedule,
    state: error !== null ? 'failing' : held ? 'running' : 'idle',
    next: row === undefined ? null : (nextPoll(poller, row, now) ?? now),
    polled: dateOf(row?.begun ?? null),
    handled: row?.handled ?? 0,
    tries: row?.tries ?? 0,
    error,
    since: dateOf(row?.since ?? null),
  }
}
