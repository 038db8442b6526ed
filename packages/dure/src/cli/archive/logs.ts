import { fault } from '../../kernel/errors/fault.ts'
import type { System } from '../../model/system.ts'
import type { LogArchiving } from '../../ports/archive.ts'
import type { Storage } from '../../ports/store.ts'
import type { Given, Surroundings } from '../command.ts'
import { openStorage } from '../project/open-storage.ts'
import { findEntry, findProject, loadSystem } from '../project/project.ts'
import { expectedOf, openRuntimes } from '../status/expected.ts'

/** The log of a context, and the way to archive it. */
export interface ChosenLog {
  readonly context: string
  readonly archiving: LogArchiving
}

/** Opens the store of the program for the logs that are meant: of the context named, else of all. */
export async function withLogs(
  { arguments: [, , context], options }: Given,
  { cwd, env, err }: Surroundings,
  work: (system: string, logs: readonly ChosenLog[]) => Promise<number>,
): Promise<number> {
  const named = options['system'] as string | undefined
  const system = await loadSystem(findEntry('system', findProject(cwd), cwd, named), cwd)
  const names = chosen(system, context)
  const storage = await openStorage(env, (line) => err(`${line}\n`))
  if (storage === undefined) {
    throw fault('DURE_CLI_NO_STORE', { looked: 'DATABASE_URL is not set, and the program has not run here' })
  }
  try {
    return await work(system.name, await logsOf(system, names, storage))
  } finally {
    await storage.close()
  }
}

async function logsOf(
  system: System,
  names: readonly string[],
  storage: Storage,
): Promise<readonly ChosenLog[]> {
  const runtimes = await openRuntimes(system, storage)
  const all = new Map(runtimes.map((it) => [it.name, it]))
  const expected = runtimes.flatMap((it) => expectedOf(it, all))
  return names.map((context) => {
    const followers = expected.filter(({ source }) => source.name === context)
    const archiving = storage.archiving?.(context, followers, [...all.keys()], system.name)
    if (archiving === undefined) {
      throw fault('DURE_ARCHIVE_FAILED', { context, reason: `${storage.name} archives nothing` })
    }
    return { context, archiving }
  })
}

function chosen({ name, contexts }: System, named: string | undefined): readonly string[] {
  const names = contexts.map((it) => it.name)
  if (named === undefined) return names
  if (names.includes(named)) return [named]
  const problem = `${name} has no context ${JSON.stringify(named)}; it has ${names.join(', ')}.`
  throw fault('DURE_CLI_USAGE', { problem, usage: 'dure admin log archive --before 365d --to archive' })
}
