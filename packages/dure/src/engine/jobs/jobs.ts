import type { ContextRuntime } from '../../app/context-runtime.ts'
import { fault } from '../../kernel/errors/fault.ts'
import type { AnyJob } from '../../model/jobs/job.ts'
import type { Around } from './around.ts'
import { TaskLoop } from './loop.ts'
import { Requests } from './requests.ts'
import { tasksIn, type TaskStatus } from './status.ts'

/** The jobs and pollers of the contexts in one process. */
export class Jobs {
  readonly #contexts: readonly ContextRuntime[]
  readonly #around: Around
  readonly #loops: readonly TaskLoop[]

  /**
   * `works`: whether this process works on them, or only answers for them.
   * @throws DURE_JOB_SCHEDULE
   */
  constructor(contexts: readonly ContextRuntime[], around: Around, works: boolean) {
    this.#contexts = contexts
    this.#around = around
    const some = contexts.filter(({ definition: it }) => it.jobs.length + it.pollers.length > 0)
    this.#loops = works ? some.map((it) => new TaskLoop(it, around)) : []
  }

  start(): void {
    for (const it of this.#loops) it.start()
  }

  /** Asks for a run; resolves to its id once that is stored. @throws DURE_JOB_UNKNOWN, DURE_COMMAND_INVALID, DURE_JOB_BUSY */
  async run(job: AnyJob, input: unknown): Promise<string> {
    const { name } = job
    const context = this.#contexts.find((it) => it.definition.jobs.includes(job))
    if (context === undefined) {
      const known = this.#contexts.flatMap((it) => it.definition.jobs.map((its) => its.name))
      throw fault('DURE_JOB_UNKNOWN', { job: name, known })
    }
    const id = await new Requests(context.store, this.#around.world).run(job.definition, input)
    for (const it of this.#loops) void it.look()
    return id
  }

  /** Where each of them stands, whichever process works on it. */
  async status(): Promise<readonly TaskStatus[]> {
    const { world } = this.#around
    return (await Promise.all(this.#contexts.map((it) => tasksIn(it.definition, it.store, world)))).flat()
  }

  /** Resolves when none is due now that this process could work on; to whether anything was done. */
  async settle(): Promise<boolean> {
    const done = await Promise.all(this.#loops.map((it) => it.settle()))
    return done.includes(true)
  }

  /** Breaks off what is being read, finishes what is being stored; another process goes on at its cursor. */
  async stop(): Promise<void> {
    await Promise.all(this.#loops.map((it) => it.stop()))
  }
}
