import type { ContextRuntime } from '../../app/context-runtime.ts'
import { derivedId } from '../../app/digest.ts'
import { fault } from '../../kernel/errors/fault.ts'
import { sameJson, type Json } from '../../kernel/json.ts'
import { plainJson } from '../../kernel/plain-json.ts'
import type { JobDefinition, Page } from '../../model/jobs/job.ts'
import { readingWith, type Around } from './around.ts'
import { runOf, stepOf } from './due.ts'
import { failureOf, Overtaken, pauseMs } from './failure.ts'
import { handleItems, itemsOf } from './handle-items.ts'
import { Broken, type Hold } from './hold.ts'
import { jobKey, type JobRow, type RunRow, type RunState } from './rows.ts'
import { endedRun, type TaskRows } from './task-rows.ts'
import type { Timetable } from './timetable.ts'

/** How many items a page may have: they are one transaction. */
const mostItems = 1000

/** What a run that is over loses when it goes on. */
const afresh = {
  state: 'running',
  tries: 0,
  again: null,
  error: null,
  spentMs: 0,
  ended: null,
  cancel: false,
} as const

/** Works on the runs of one job, one after the other, under a lease. */
export class JobWorker {
  readonly #context: ContextRuntime
  readonly #definition: JobDefinition
  readonly #timetable: Timetable | undefined
  readonly #rows: TaskRows
  readonly #around: Around
  readonly #key: string

  constructor(
    context: ContextRuntime,
    definition: JobDefinition,
    timetable: Timetable | undefined,
    rows: TaskRows,
    around: Around,
  ) {
    this.#context = context
    this.#definition = definition
    this.#timetable = timetable
    this.#rows = rows
    this.#around = around
    this.#key = jobKey(definition.name)
  }

  /** Does what there is to do now; what was stored before an error stays. Whether anything was stored. */
  async work(hold: Hold): Promise<boolean> {
    const row = await this.#begun()
    if (row === undefined) return false
    if (row.run === null) return true
    if (row.run.cancel) return this.#end(row, row.run, 'cancelled')
    const { world } = this.#around
    const since = world.now().getTime() - row.run.spentMs
    const spent = (): number => Math.max(row.run?.spentMs ?? 0, world.now().getTime() - since)
    const { limitMs } = this.#definition
    const cancelLimit = world.after(Math.max(1, limitMs - row.run.spentMs), () => hold.break('limit'))
    try {
      await this.#pages(row, hold, spent)
      return true
    } catch (error) {
      return await this.#met(error, spent())
    } finally {
      cancelLimit()
    }
  }

  /** The row with a run to work on, begun if need be. */
  async #begun(): Promise<JobRow | undefined> {
    const { world, log } = this.#around
    const { name } = this.#definition
    const row = await this.#rows.job(name)
    if (row === undefined) return undefined
    const step = stepOf(this.#definition, this.#timetable, row, world.now())
    if (step.kind === 'wait') return undefined
    if (step.kind === 'resume') return this.#resumed(row, step.run)
    if (step.kind === 'begin') {
      const written = await this.#rows.write(this.#key, step.row)
      if (written?.run == null) {
        if (written !== undefined)
          log('info', 'job passed over what it missed', this.#told({ from: written.from }))
        return written
      }
      const { id, due, since } = written.run
      log('info', 'job run begun', this.#told({ run: id, due, ...(since !== null && { since }) }))
      return written
    }
    log('info', 'job run goes on', this.#told({ run: row.run?.id, done: row.run?.done }))
    return row
  }

  async #resumed(row: JobRow, id: string): Promise<JobRow | undefined> {
    const waiting = row.waiting.slice(1)
    const over = await this.#rows.run(this.#definition.name, id)
    const run = over && { ...over, ...afresh }
    const next = await this.#rows.write(this.#key, { ...row, waiting, run: run ?? null })
    if (run !== undefined && next !== undefined) {
      this.#around.log('info', 'job run resumed', this.#told({ run: id, done: run.done }))
    }
    return next
  }

  async #pages(begun: JobRow, hold: Hold, spent: () => number): Promise<void> {
    for (let row = begun; row.run !== null;) {
      hold.check()
      if (spent() >= this.#definition.limitMs) hold.break('limit')
      row = await this.#page(row, row.run, hold, spent)
    }
  }

  async #page(row: JobRow, run: RunRow, hold: Hold, spent: () => number): Promise<JobRow> {
    const definition = this.#definition
    const circumstances = runOf(definition, run)
    const { signal } = hold
    const reading = this.#around.readingOf(this.#context, `job:${definition.name}`, signal)
    const page = await hold.within(
      definition.read(run.cursor, readingWith(reading, { run: circumstances as never, signal })),
    )
    const { items, next, total } = this.#checked(page, run.cursor)
    const all = itemsOf(definition, items)
    const now = this.#context.world.now()
    const after: RunRow = {
      ...run,
      ...(next !== undefined && { cursor: next }),
      done: run.done + items.length,
      total: total ?? run.total,
      tries: 0,
      again: null,
      error: null,
      spentMs: spent(),
      ...(next === undefined && { state: 'done', ended: now.toISOString() }),
    }
    hold.check()
    const change = this.#rows.change(this.#key, { ...row, run: next === undefined ? null : after })
    const rows = next === undefined ? [endedRun(definition.name, after)] : []
    await handleItems({
      context: this.#context,
      definition,
      what: 'job',
      seed: [run.id],
      items: all.filter(({ key }) => !run.pass.includes(key)),
      circumstances,
      correlation: derivedId('job', definition.name, run.id),
      unit: { inbox: change.unit.inbox, rows: [...change.unit.rows, ...rows] },
    })
    if (next === undefined) await this.#over(after)
    return change.after
  }

  #checked(page: Page<unknown, Json>, cursor: Json | undefined): Page<unknown, Json> {
    const refuse = (reason: string): Error => fault('DURE_JOB_PAGE', { job: this.#definition.name, reason })
    const { items, total } = (page ?? {}) as Partial<Page<unknown, Json>>
    if (!Array.isArray(items)) throw refuse('its items are no list')
    if (items.length > mostItems) throw refuse(`it has ${items.length} items, and ${mostItems} are the most`)
    const next = page.next === undefined ? undefined : plainJson(page.next)
    if (next !== undefined && cursor !== undefined && sameJson(next, cursor)) {
      throw refuse(`its next is the cursor that it was read from, ${JSON.stringify(cursor)}`)
    }
    return { items, next, total }
  }

  /** What an error means for the run; whether that was stored. */
  async #met(error: unknown, spentMs: number): Promise<boolean> {
    const { name, limitMs, tries: most } = this.#definition
    const why = error instanceof Broken ? error.why : undefined
    if (why === 'stopping' || why === 'lost') return false
    const row = await this.#rows.job(name)
    if (row?.run == null) return false
    const run = { ...row.run, spentMs }
    if (run.cancel) return this.#end(row, run, 'cancelled')
    // Somebody else has written the row, as who asks for another run does: the look that follows goes on.
    if (error instanceof Overtaken || why === 'cancelled') return false
    if (why === 'limit') {
      const { code, message: reason } = fault('DURE_JOB_LIMIT', { job: name, limitMs })
      return this.#end(row, { ...run, error: { code, reason } }, 'failed')
    }
    const tries = run.tries + 1
    const failed = { ...run, tries, error: failureOf(name, error) }
    if (tries >= most) return this.#end(row, failed, 'failed')
    const { world, log } = this.#around
    const again = new Date(world.now().getTime() + pauseMs(tries, world.random())).toISOString()
    if ((await this.#rows.write(this.#key, { ...row, run: { ...failed, again } })) === undefined) return false
    log('warn', 'job run failed, trying again', this.#told({ run: run.id, tries, again, ...failed.error }))
    return true
  }

  async #end(row: JobRow, run: RunRow, state: RunState): Promise<boolean> {
    const ended = { ...run, state, again: null, ended: this.#context.world.now().toISOString() }
    const write = endedRun(this.#definition.name, ended)
    if ((await this.#rows.write(this.#key, { ...row, run: null }, [write])) === undefined) return false
    await this.#over(ended)
    return true
  }

  async #over(run: RunRow): Promise<void> {
    const { id, state, done, error } = run
    const level = state === 'failed' ? 'error' : 'info'
    this.#around.log(level, `job run ${state}`, this.#told({ run: id, done, ...error }))
    await this.#rows.forgetRuns(this.#definition.name)
  }

  #told(more: object): Readonly<Record<string, unknown>> {
    return { context: this.#context.name, job: this.#definition.name, ...more }
  }
}
