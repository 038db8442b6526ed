import { join } from 'node:path'
import { fault } from '../../kernel/errors/fault.ts'
import type { Manifest } from '../source/resolve-import.ts'

/** The part "dure" of a package.json. */
export interface ProjectConfig {
  /** The program: what `dure dev` and `dure start` run. */
  readonly entry?: string
  /** The module that exports the system. */
  readonly system?: string
  /** The module that says how aggregates are kept. */
  readonly persistence?: string
  /** Packages that the domain may import. */
  readonly pure?: readonly string[]
}

const isText = (value: unknown): boolean => typeof value === 'string' && value !== ''
const isTextList = (value: unknown): boolean => Array.isArray(value) && value.every(isText)
const keys: Readonly<Record<string, (value: unknown) => boolean>> = {
  entry: isText,
  system: isText,
  persistence: isText,
  pure: isTextList,
}

/**
 * Reads the part "dure" of a package.json.
 * @throws DURE_CLI_CONFIG
 */
export function projectConfig({ folder, json }: Manifest): ProjectConfig {
  const config = json['dure'] ?? {}
  const wrong = (reason: string) => fault('DURE_CLI_CONFIG', { file: join(folder, 'package.json'), reason })
  if (typeof config !== 'object' || Array.isArray(config)) throw wrong('it is not an object.')
  for (const [key, value] of Object.entries(config)) {
    if (!Object.hasOwn(keys, key)) throw wrong(`it has an unknown key ${JSON.stringify(key)}.`)
    if (!keys[key]?.(value)) throw wrong(`the value of "${key}" is of the wrong kind.`)
  }
  return config
}

/** The packages that a package.json says are pure. */
export function pureOf(manifest: Manifest | undefined): readonly string[] {
  return (manifest && projectConfig(manifest).pure) ?? []
}
