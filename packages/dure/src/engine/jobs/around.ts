import type { ContextRuntime } from '../../app/context-runtime.ts'
import type { World } from '../../kernel/world.ts'
import type { Reading } from '../../model/handler.ts'
import type { EngineLog } from '../consuming/work.ts'

/** What jobs and pollers need from the process they run in. */
export interface Around {
  readonly world: World
  readonly log: EngineLog
  /** Tells this process from others. */
  readonly holder: string
  /** What the user's code reads with, on behalf of a job or poller, until the signal says that it is not waited for. */
  readonly readingOf: (context: ContextRuntime, actor: string, signal: AbortSignal) => Reading
}

/** What a job or poller reads with: as handlers do, and something more. */
export function readingWith<M>(reading: Reading, more: M): Reading & M {
  // Each part is made when it is taken, so a spread would find none.
  const { actor, tenant, roles, now, newId, view, repository, use, ask } = reading
  return { actor, tenant, roles, now, newId, view, repository, use, ask, ...more }
}
