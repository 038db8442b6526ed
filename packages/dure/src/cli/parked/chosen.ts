import { fault } from '../../kernel/errors/fault.ts'
import type { System } from '../../model/system.ts'
import type { ParkedFilter, ParkedSequence } from '../../ports/parking.ts'
import type { ContextStore, Storage } from '../../ports/store.ts'
import type { Given, Surroundings } from '../command.ts'
import { openStorage } from '../project/open-storage.ts'
import { findEntry, findProject, loadSystem } from '../project/project.ts'

/** Which parked messages a command is about. */
export interface Chosen {
  readonly storage: Storage
  readonly system: System
  readonly filter: ParkedFilter
  /** The contexts whose policies and views are meant. */
  readonly contexts: readonly { readonly name: string; readonly store: ContextStore }[]
}

/** A sequence with the context that has parked it. */
export interface Found extends ParkedSequence {
  readonly context: string
  readonly store: ContextStore
}

/** Opens what the options and the stream name, and closes it again. */
export async function withChosen(
  { arguments: [, stream], options }: Given,
  around: Surroundings,
  work: (chosen: Chosen) => Promise<number>,
): Promise<number> {
  const { cwd, env, err } = around
  const text = (name: string): string | undefined => options[name] as string | undefined
  const system = await loadSystem(findEntry('system', findProject(cwd), cwd, text('system')), cwd)
  const names = contextsOf(system, text('context'))
  const filter = filterOf(system, stream, text('consumer'), text('tenant'))
  const storage = await openStorage(env, (line) => err(`${line}\n`))
  if (storage === undefined) {
    throw fault('DURE_CLI_NO_STORE', { looked: 'DATABASE_URL is not set, and the program has not run here' })
  }
  try {
    const contexts = await Promise.all(
      names.map(async (name) => ({ name, store: await storage.openContext(name) })),
    )
    return await work({ storage, system, filter, contexts })
  } finally {
    await storage.close()
  }
}

/** The sequences that are meant, context by context. */
export async function sequencesOf({ contexts, filter }: Chosen): Promise<readonly Found[]> {
  const each = contexts.map(async ({ name: context, store }) =>
    (await store.readParkedSequences(filter)).map((it) => ({ ...it, context, store })),
  )
  return (await Promise.all(each)).flat()
}

function contextsOf({ contexts }: System, named: string | undefined): readonly string[] {
  const names = contexts.map(({ name }) => name)
  if (named === undefined) return names
  if (names.includes(named)) return [named]
  throw fault('DURE_CLI_USAGE', {
    problem: `There is no context ${named}.`,
    usage: `dure parked list --context ${names[0] ?? 'Ordering'}`,
  })
}

/** `Order`, `Order/0198…` or `Ordering/Order/0198…`: of a log that may be of another program. */
function filterOf(
  { contexts }: System,
  stream: string | undefined,
  consumer: string | undefined,
  tenant: string | undefined,
): ParkedFilter {
  const rest = { ...(consumer !== undefined && { consumer }), ...(tenant !== undefined && { tenant }) }
  if (stream === undefined) return rest
  const parts = stream.split('/')
  const named = parts.length > 2 && contexts.some(({ name }) => name === parts[0])
  const [aggregate = '', ...id] = named ? parts.slice(1) : parts
  return {
    ...rest,
    ...(named && { source: parts[0] as string }),
    aggregate,
    ...(id.length > 0 && { id: id.join('/') }),
  }
}
