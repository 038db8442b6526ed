import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { fault } from '../../kernel/errors/fault.ts'
import type { Environment } from './given-text.ts'

/** In the order in which they count, after the environment itself. */
const FILES = ['.env.local', '.env'] as const

/** An environment, and which of its variables came from a file. */
export interface Surrounding {
  readonly env: Environment
  /** The name of the file by that of the variable. */
  readonly files: ReadonlyMap<string, string>
}

/**
 * In development, the environment with what `.env.local` and `.env` of a folder add to it; they never change what is set.
 * Anywhere else the environment as it is: there, configuration comes from where the process runs.
 * @throws DURE_CONFIG_INVALID for a file that cannot be read
 */
export function withEnvFiles(env: Environment, folder: string): Surrounding {
  const files = new Map<string, string>()
  if ((env['NODE_ENV'] || 'development') !== 'development') return { env, files }
  const merged: Record<string, string | undefined> = { ...env }
  for (const file of FILES) {
    for (const [name, value] of Object.entries(parsed(join(folder, file), file))) {
      // What decides whether the file is read cannot stand in it.
      if (name === 'NODE_ENV' && value !== 'development') {
        const problem = `NODE_ENV: ${file} sets it, which is read in development only: set it in the environment`
        throw fault('DURE_CONFIG_INVALID', { problems: [problem] })
      }
      if ((merged[name] ?? '') !== '') continue
      merged[name] = value
      files.set(name, file)
    }
  }
  return { env: merged, files }
}

function parsed(path: string, file: string): NodeJS.Dict<string> {
  try {
    return parseEnv(readFileSync(path, 'utf8'))
  } catch (error) {
    const { code = 'unreadable' } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return {}
    throw fault('DURE_CONFIG_INVALID', { problems: [`${file} cannot be read: ${code}`] }, error)
  }
}
