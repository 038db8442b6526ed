import { asInput } from '../../domain/fields/codec.ts'
import type { Issue } from '../../kernel/error.ts'
import { fault } from '../../kernel/errors/fault.ts'
import type { JsonObject } from '../../kernel/json.ts'
import { plainJson } from '../../kernel/plain-json.ts'
import type { World } from '../../kernel/world.ts'
import type { JobDefinition } from '../../model/jobs/job.ts'
import type { PollerDefinition } from '../../model/jobs/poller.ts'
import type { ContextStore } from '../../ports/store.ts'
import { polledRow } from './poll-worker.ts'
import { jobKey, newJob, pollerKey, type JobRow } from './rows.ts'
import { TaskRows } from './task-rows.ts'

/** How many runs of a job may wait. */
const mostWaiting = 100

/**
 * What people and programs ask of jobs and pollers. It is written into their rows; a process with the role `batch` takes it
 * up within two seconds, now or whenever one runs.
 */
export class Requests {
  readonly #rows: TaskRows
  readonly #world: World

  constructor(store: ContextStore, world: World) {
    this.#rows = new TaskRows(store, world)
    this.#world = world
  }

  /**
   * Asks for a run; resolves to its id.
   * @throws DURE_COMMAND_INVALID for an input that the job does not take, DURE_JOB_BUSY
   */
  async run(job: JobDefinition, input: unknown = {}): Promise<string> {
    const given = inputOf(job, input)
    const id = this.#world.newId()
    await this.#wait(job, { id, input: given, resumes: false })
    return id
  }

  /**
   * Lets a run that has failed or was cancelled go on at its cursor; resolves to its id, that of the last one when absent.
   * @throws DURE_JOB_RUN_UNKNOWN, DURE_JOB_RUN_STATE, DURE_JOB_BUSY
   */
  async resume(job: JobDefinition, id?: string): Promise<string> {
    const { name } = job
    const run = id === undefined ? (await this.#rows.runs(name, 1))[0] : await this.#rows.run(name, id)
    if (run === undefined) throw fault('DURE_JOB_RUN_UNKNOWN', { job: name, run: id ?? '(none has ended)' })
    if (run.state !== 'failed' && run.state !== 'cancelled') {
      throw fault('DURE_JOB_RUN_STATE', { job: name, run: run.id, state: run.state, what: 'resumed' })
    }
    await this.#wait(job, { id: run.id, input: run.input, resumes: true })
    return run.id
  }

  /**
   * Cancels a run that is not over, or takes out one that waits; the one that is open when `id` is absent. What it has stored
   * stays.
   * @throws DURE_JOB_RUN_UNKNOWN, DURE_JOB_RUN_STATE
   */
  async cancel(job: JobDefinition, id?: string): Promise<string> {
    return this.#change(job, async (row) => {
      const { run, waiting } = row
      const wanted = id ?? run?.id ?? waiting[0]?.id
      if (run !== null && run.id === wanted)
        return { row: { ...row, run: { ...run, cancel: true } }, answer: run.id }
      const left = waiting.filter((it) => it.id !== wanted)
      if (wanted !== undefined && left.length < waiting.length) {
        return { row: { ...row, waiting: left }, answer: wanted }
      }
      const over = wanted === undefined ? undefined : await this.#rows.run(job.name, wanted)
      const { name } = job
      if (over === undefined)
        throw fault('DURE_JOB_RUN_UNKNOWN', { job: name, run: wanted ?? '(none is open)' })
      throw fault('DURE_JOB_RUN_STATE', { job: name, run: over.id, state: over.state, what: 'cancelled' })
    })
  }

  /**
   * Lets the run that is open, or the last one when it has failed, pass over an item; resolves to its id.
   * @throws DURE_JOB_RUN_UNKNOWN
   */
  async skip(job: JobDefinition, item: string): Promise<string> {
    return this.#change(job, async (row) => {
      const { run } = row
      if (run !== null) {
        const passing = { ...run, pass: [...run.pass, item], again: null }
        return { row: { ...row, run: passing }, answer: run.id }
      }
      const [last] = await this.#rows.runs(job.name, 1)
      if (last === undefined) throw fault('DURE_JOB_RUN_UNKNOWN', { job: job.name, run: '(none has ended)' })
      if (last.state !== 'failed' && last.state !== 'cancelled') {
        throw fault('DURE_JOB_RUN_STATE', { job: job.name, run: last.id, state: last.state, what: 'resumed' })
      }
      const passing = { ...last, state: 'running', pass: [...last.pass, item], ...afresh } as const
      return { row: { ...row, run: passing }, answer: last.id }
    })
  }

  /** Lets a poller pass over an item, as if it had been handled; it asks again at once. */
  async skipPolled(poller: PollerDefinition, item: string, tenant = ''): Promise<void> {
    const key = pollerKey(poller.name)
    for (;;) {
      const row = await this.#rows.poller(poller.name)
      if (row === undefined)
        throw fault('DURE_JOB_RUN_UNKNOWN', { job: poller.name, run: '(it has never asked)' })
      const now = this.#world.now()
      const passed = polledRow(poller.name, { tenant, key: item }, now)
      if (await this.#rows.write(key, { ...row, next: now.toISOString() }, [passed])) return
    }
  }

  async #wait(job: JobDefinition, it: Omit<JobRow['waiting'][number], 'at'>): Promise<void> {
    await this.#change(job, async (row) => {
      const waits = row.waiting.some(({ id }) => id === it.id) || row.run?.id === it.id
      if (waits) return { row, answer: it.id }
      if (row.waiting.length >= mostWaiting) {
        throw fault('DURE_JOB_BUSY', { job: job.name, waiting: row.waiting.length })
      }
      const at = this.#world.now().toISOString()
      return { row: { ...row, waiting: [...row.waiting, { ...it, at }] }, answer: it.id }
    })
  }

  // Whoever works on the run writes the same row, page by page, so it may take some turns.
  async #change(
    job: JobDefinition,
    change: (row: JobRow) => Promise<{ readonly row: JobRow; readonly answer: string }>,
  ): Promise<string> {
    for (;;) {
      const known = await this.#rows.job(job.name)
      const row = known ?? newJob(job.name, job.schedule?.text ?? '', this.#world.now())
      const { row: after, answer } = await change(row)
      if (after === row || (await this.#rows.write(jobKey(job.name), after))) return answer
    }
  }
}

const afresh = { tries: 0, again: null, error: null, spentMs: 0, ended: null, cancel: false } as const

function inputOf({ name, takes }: JobDefinition, input: unknown): JsonObject {
  const issues: Issue[] = []
  const values = takes.parse(plainJson(input), issues, asInput)
  if (issues.length > 0) throw fault('DURE_COMMAND_INVALID', { command: `the job "${name}"`, issues })
  return takes.encode(values)
}
