import type { Json, JsonObject } from '../../kernel/json.ts'

/** Why something did not get on. */
export interface Failure {
  /** Of the error catalogue. */
  readonly code: string
  readonly reason: string
  /** The key of the item that it was about, where it was about one. */
  readonly item?: string
}

/** How a run stands. One that waits for its next try is `running`. */
export type RunState = 'running' | 'done' | 'failed' | 'cancelled'

/** A run as it is stored; times are ISO texts. */
export interface RunRow {
  readonly id: string
  readonly due: string
  /** Somebody asked for it, so it has no time in the schedule. */
  readonly asked: boolean
  readonly input: JsonObject
  readonly begun: string
  readonly state: RunState
  /** Absent before the first page is done. */
  readonly cursor?: Json
  /** Items that are done. */
  readonly done: number
  /** Items in all, where that is known. */
  readonly total: number | null
  /** The first of the times that were missed, and that this run stands for. */
  readonly since: string | null
  /** How often the present page has failed. */
  readonly tries: number
  /** When it is tried again. */
  readonly again: string | null
  readonly error: Failure | null
  /** How long it has worked, in milliseconds, all its holders together. */
  readonly spentMs: number
  readonly ended: string | null
  /** Somebody wants it to stop. */
  readonly cancel: boolean
  /** Keys of items that are to be passed over. */
  readonly pass: readonly string[]
}

/** A run that somebody has asked for and that has not begun: a new one, or one that goes on. */
export interface WaitingRow {
  readonly id: string
  readonly at: string
  readonly input: JsonObject
  readonly resumes: boolean
}

/** Where a job stands. */
export interface JobRow {
  readonly name: string
  /** Moves by one with each write; what its mark in the inbox says. */
  readonly revision: number
  /** The schedule that `from` belongs to. */
  readonly schedule: string
  /** What was due up to here has begun, or was passed over. */
  readonly from: string
  /** The run that is not over. */
  readonly run: RunRow | null
  readonly waiting: readonly WaitingRow[]
}

/** Where a poller stands. */
export interface PollerRow {
  readonly name: string
  readonly revision: number
  /** Absent before the first answer of the source. */
  readonly cursor?: Json
  /** When it last asked. */
  readonly begun: string | null
  /** When it asks next. */
  readonly next: string
  /** Items that it has handled, in all. */
  readonly handled: number
  /** How often it has failed, one after the other. */
  readonly tries: number
  readonly error: Failure | null
  /** Since when it fails. */
  readonly since: string | null
  /** When old keys were last forgotten. */
  readonly pruned: string
}

/** Rows of jobs and pollers, by key. */
export const taskRows = '$jobs'
/** Rows of runs that are over. */
export const runRows = '$runs'
/** Keys of items that pollers have handled. */
export const polledRows = '$polled'

export const jobKey = (name: string): string => `job:${name}`
export const pollerKey = (name: string): string => `poller:${name}`
export const runKey = (job: string, run: string): string => `${job}/${run}`

/** A job before anything was due. */
export function newJob(name: string, schedule: string, now: Date): JobRow {
  return { name, revision: 0, schedule, from: now.toISOString(), run: null, waiting: [] }
}

/** A poller that has never asked. */
export function newPoller(name: string, now: Date): PollerRow {
  const at = now.toISOString()
  return {
    name,
    revision: 0,
    begun: null,
    next: at,
    handled: 0,
    tries: 0,
    error: null,
    since: null,
    pruned: at,
  }
}

/** A run that begins. */
export function newRun(
  of: Pick<RunRow, 'id' | 'due' | 'asked' | 'input'> & Partial<Pick<RunRow, 'since'>>,
  now: Date,
): RunRow {
  return {
    since: null,
    ...of,
    begun: now.toISOString(),
    state: 'running',
    done: 0,
    total: null,
    tries: 0,
    again: null,
    error: null,
    spentMs: 0,
    ended: null,
    cancel: false,
    pass: [],
  }
}
