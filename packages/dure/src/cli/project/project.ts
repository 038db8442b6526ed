import { realpathSync, statSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { isDureError } from '../../kernel/error.ts'
import { fault } from '../../kernel/errors/fault.ts'
import type { System } from '../../model/system.ts'
import { manifestOf } from '../source/resolve-import.ts'
import { projectConfig, type ProjectConfig } from './project-config.ts'

/** The program in whose folder the CLI runs. */
export interface Project {
  /** The folder of its package.json, or where the CLI runs. */
  readonly root: string
  readonly config: ProjectConfig
}

/** Finds the program by the nearest package.json. */
export function findProject(cwd: string): Project {
  const manifest = manifestOf(join(cwd, 'package.json'))
  return { root: manifest?.folder ?? cwd, config: manifest === undefined ? {} : projectConfig(manifest) }
}

/**
 * The file of the program or of its system: named on the command line, in package.json, or where it usually is.
 * @throws DURE_CLI_NO_ENTRY
 */
export function findEntry(what: 'entry' | 'system', project: Project, cwd: string, given?: string): string {
  const usual = what === 'entry' ? 'src/main.ts' : 'src/system.ts'
  const named = project.config[what]
  const file = given === undefined ? resolve(project.root, named ?? usual) : resolve(cwd, given)
  if (statSync(file, { throwIfNoEntry: false })?.isFile()) return realpathSync(file)
  throw fault('DURE_CLI_NO_ENTRY', { what, looked: [relative(cwd, file) || file] })
}

/**
 * Loads the module that exports the system.
 * @throws DURE_CLI_LOAD, DURE_CLI_NO_SYSTEM, or what the model throws when it contradicts itself
 */
export async function loadSystem(file: string, cwd: string): Promise<System> {
  const name = relative(cwd, file)
  const exported = (await load(file, name)) as Readonly<Record<string, unknown>>
  const systems = Object.entries(exported).filter(([, value]) => isSystem(value))
  const different = new Set(systems.map(([, value]) => value))
  if (different.size !== 1)
    throw fault('DURE_CLI_NO_SYSTEM', { file: name, found: systems.map(([it]) => it) })
  return systems[0]?.[1] as System
}

/** Loads a module of the program. @throws DURE_CLI_LOAD, or the DureError that it threw */
export async function load(file: string, name: string): Promise<object> {
  try {
    return (await import(pathToFileURL(file).href)) as object
  } catch (error) {
    if (isDureError(error)) throw error
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
    throw fault('DURE_CLI_LOAD', { file: name, reason }, error)
  }
}

function isSystem(value: unknown): value is System {
  return typeof value === 'object' && value !== null && (value as { kind?: unknown }).kind === 'system'
}
