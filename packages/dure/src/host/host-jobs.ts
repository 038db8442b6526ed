import { readingOf, type Asking, type Progress } from '../app/reading.ts'
import type { ContextRuntime } from '../app/context-runtime.ts'
import { Jobs } from '../engine/jobs/jobs.ts'
import type { World } from '../kernel/world.ts'
import type { Log } from './log.ts'

/** What the jobs and pollers of a process are given to read with. */
export interface JobsWiring {
  readonly progress: Progress
  readonly ask: Asking
  readonly world: World
  readonly log: Log
  /** Whether this process has the role `batch`. */
  readonly works: boolean
}

/** The jobs and pollers of the contexts here. They act on their own behalf, so whether they may read is not asked. */
export function jobsOf(contexts: readonly ContextRuntime[], wiring: JobsWiring): Jobs {
  const { progress, ask, world, log, works } = wiring
  const around = {
    world,
    log,
    holder: world.newId(),
    readingOf: (context: ContextRuntime, actor: string, signal: AbortSignal) =>
      readingOf(context, progress, ask, {
        actor,
        tenant: '',
        service: context.name,
        trusted: true,
        places: [],
        signal,
      }),
  }
  return new Jobs(contexts, around, works)
}
