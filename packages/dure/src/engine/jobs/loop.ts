import type { ContextRuntime } from '../../app/context-runtime.ts'
import type { Around } from './around.ts'
import { Hold } from './hold.ts'
import { TaskRows } from './task-rows.ts'
import { tasksOf, type Task } from './tasks.ts'

/** How long a request, or work that another process has left, waits at most until somebody looks. */
const lookMs = 2000

/** Looks what is due among the jobs and pollers of one context, and does it. */
export class TaskLoop {
  readonly #context: ContextRuntime
  readonly #around: Around
  readonly #rows: TaskRows
  readonly #tasks: readonly Task[]
  /** What is done now, by key; a task whose lease is asked for has no hold yet. */
  readonly #doing = new Map<string, { hold?: Hold; readonly done: Promise<void> }>()
  #looking: Promise<void> | undefined
  #again = false
  #cancel: () => void = () => undefined
  #stopped = false
  /** Rises with everything that was worked on. */
  #worked = 0

  constructor(context: ContextRuntime, around: Around) {
    this.#context = context
    this.#around = around
    this.#rows = new TaskRows(context.store, around.world)
    this.#tasks = tasksOf(context, around)
  }

  start(): void {
    if (this.#tasks.length > 0) void this.look()
  }

  /** Begins what is due now. One look at a time; one that is asked for meanwhile follows. */
  async look(): Promise<void> {
    if (this.#looking !== undefined) {
      this.#again = true
      return this.#looking
    }
    this.#looking = this.#lookAround().finally(() => (this.#looking = undefined))
    return this.#looking
  }

  /** Resolves when nothing is due any more; to whether anything was done. */
  async settle(): Promise<boolean> {
    const before = this.#worked
    for (let seen = -1; seen !== this.#worked && !this.#stopped;) {
      seen = this.#worked
      await this.look()
      await Promise.all([...this.#doing.values()].map((it) => it.done))
    }
    return this.#worked > before
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel()
    for (const { hold } of this.#doing.values()) hold?.break('stopping')
    await this.#looking
    await Promise.all([...this.#doing.values()].map((it) => it.done))
  }

  async #lookAround(): Promise<void> {
    do {
      this.#again = false
      this.#cancel()
      let soonest = lookMs
      try {
        soonest = await this.#lookOnce()
      } catch (error) {
        this.#around.log('warn', 'looking for jobs failed, trying again', {
          context: this.#context.name,
          error,
        })
      }
      if (this.#stopped) return
      this.#cancel = this.#around.world.after(soonest, () => void this.look())
    } while (this.#again)
  }

  /** How long nothing is due, in milliseconds. */
  async #lookOnce(): Promise<number> {
    const { world } = this.#around
    let rows = await this.#rows.read(this.#tasks.map((it) => it.key))
    const idle = this.#tasks.filter((it) => !this.#doing.has(it.key))
    const lacking = idle.filter((it) => !rows.has(it.key))
    await Promise.all(idle.map((it) => it.prepare(rows.get(it.key))))
    if (lacking.length > 0) rows = await this.#rows.read(this.#tasks.map((it) => it.key))
    const now = world.now()
    let soonest = lookMs
    for (const it of this.#tasks) {
      const row = rows.get(it.key)
      if (row === undefined) continue
      const doing = this.#doing.get(it.key)
      if (doing !== undefined) {
        if (it.stops(row)) doing.hold?.break('cancelled')
        continue
      }
      const due = it.due(row, now)
      if (due === undefined) continue
      if (due > now) soonest = Math.min(soonest, due.getTime() - now.getTime())
      else if (!this.#stopped) this.#begin(it)
    }
    return soonest
  }

  #begin(task: Task): void {
    const doing: { hold?: Hold; done: Promise<void> } = { done: Promise.resolve() }
    this.#doing.set(task.key, doing)
    doing.done = this.#do(task, doing).finally(() => this.#doing.delete(task.key))
  }

  async #do(task: Task, doing: { hold?: Hold }): Promise<void> {
    const { world, holder, log } = this.#around
    try {
      const hold = await Hold.take(this.#context.store, task.key, holder, world)
      // Another process does it; when it is through, or gone, the next look finds that.
      if (hold === undefined) return
      doing.hold = hold
      if (this.#stopped) hold.break('stopping')
      let stored = false
      try {
        stored = await task.work(hold)
      } finally {
        await hold.release()
      }
      // Work that somebody else has overtaken is left to the next look: nobody is to run in a circle.
      if (!stored) return
      this.#worked++
      this.#again = true
      if (!this.#stopped) queueMicrotask(() => void this.look())
    } catch (error) {
      log('warn', 'a job could not be worked on, trying again', {
        context: this.#context.name,
        task: task.key,
        error,
      })
    }
  }
}
