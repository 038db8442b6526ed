import { fault } from '../../kernel/errors/fault.ts'
import { nearest } from '../../model/check/nearest.ts'
import type { ContextDefinition } from '../../model/context.ts'
import type { JobDefinition } from '../../model/jobs/job.ts'
import type { PollerDefinition } from '../../model/jobs/poller.ts'
import type { System } from '../../model/system.ts'
import type { ContextStore } from '../../ports/store.ts'
import type { Given, Surroundings } from '../command.ts'
import { openStorage } from '../project/open-storage.ts'
import { findEntry, findProject, loadSystem } from '../project/project.ts'

/** A context whose jobs and pollers a command is about. */
export interface Opened {
  readonly definition: ContextDefinition
  readonly store: ContextStore
}

/** A job or poller that was named. */
export type Named = Opened &
  (
    | { readonly kind: 'job'; readonly job: JobDefinition }
    | { readonly kind: 'poller'; readonly poller: PollerDefinition }
  )

/** Opens the contexts that have jobs or pollers, and closes the store again. */
export async function withJobs(
  { options }: Given,
  { cwd, env, err }: Surroundings,
  work: (contexts: readonly Opened[]) => Promise<number>,
): Promise<number> {
  const text = (name: string): string | undefined => options[name] as string | undefined
  const system = await loadSystem(findEntry('system', findProject(cwd), cwd, text('system')), cwd)
  const some = contextsOf(system, text('context'))
  const storage = await openStorage(env, (line) => err(`${line}\n`))
  if (storage === undefined) {
    throw fault('DURE_CLI_NO_STORE', { looked: 'DATABASE_URL is not set, and the program has not run here' })
  }
  try {
    const open = async (definition: ContextDefinition): Promise<Opened> => ({
      definition,
      store: await storage.openContext(definition.name),
    })
    return await work(await Promise.all(some.map(open)))
  } finally {
    await storage.close()
  }
}

function contextsOf({ contexts }: System, named: string | undefined): readonly ContextDefinition[] {
  const found = contexts.filter(({ name }) => named === undefined || name === named)
  if (found.length === 0) {
    const usage = `dure jobs list --context ${contexts[0]?.name ?? 'Ordering'}`
    throw fault('DURE_CLI_USAGE', { problem: `There is no context ${named}.`, usage })
  }
  return found.filter(({ jobs, pollers }) => jobs.length + pollers.length > 0)
}

/**
 * The job or poller of a name, or of `Context/name`.
 * @throws DURE_JOB_UNKNOWN, and DURE_CLI_USAGE where several contexts have it
 */
export function named(contexts: readonly Opened[], name: string): Named {
  const all = contexts.flatMap((it): readonly Named[] => [
    ...it.definition.jobs.map(({ definition: job }) => ({ ...it, kind: 'job' as const, job })),
    ...it.definition.pollers.map(({ definition: poller }) => ({ ...it, kind: 'poller' as const, poller })),
  ])
  const found = all.filter((it) => nameOf(it) === name || `${it.definition.name}/${nameOf(it)}` === name)
  const [only, ...others] = found
  if (only === undefined) {
    const names = all.map(nameOf)
    const near = nearest(name, names)
    throw fault('DURE_JOB_UNKNOWN', { job: name, known: near === undefined ? names : [near] })
  }
  if (others.length === 0) return only
  const usage = `dure jobs show "${only.definition.name}/${name}"`
  throw fault('DURE_CLI_USAGE', { problem: `Several contexts have a job ${JSON.stringify(name)}.`, usage })
}

/** The name of a job or poller. */
export const nameOf = (it: Named): string => (it.kind === 'job' ? it.job.name : it.poller.name)
