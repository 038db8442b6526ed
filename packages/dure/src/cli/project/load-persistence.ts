import { existsSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { fault } from '../../kernel/errors/fault.ts'
import type { Persistence } from '../../persistence/persistence.ts'
import { load, type Project } from './project.ts'

const usual = 'src/persistence.ts'

/**
 * How the program keeps its aggregates: every `asState(…)` and `asEvents(…)` that its module exports, alone or in a list.
 * @throws DURE_CLI_LOAD, DURE_CLI_NO_ENTRY where a module is named that is not there
 */
export async function loadPersistence(
  { root, config }: Project,
  cwd: string,
): Promise<readonly Persistence[]> {
  const file = resolve(root, config.persistence ?? usual)
  const name = relative(cwd, file) || file
  if (!existsSync(file)) {
    if (config.persistence === undefined) return []
    throw fault('DURE_CLI_NO_ENTRY', { what: 'persistence', looked: [name] })
  }
  const exported = Object.values((await load(file, name)) as Readonly<Record<string, unknown>>)
  return [...new Set(exported.flat())].filter((it): it is Persistence => isPersistence(it))
}

function isPersistence(value: unknown): boolean {
  return typeof value === 'object' && value !== null && (value as { kind?: unknown }).kind === 'persistence'
}
