import { fault } from '../../kernel/errors/fault.ts'
import type { Attached } from '../../model/attached/attached.ts'
import type { System } from '../../model/system.ts'
import { variables, type Config } from '../config.ts'
import { attachedOf, declaredVariables } from './declared.ts'
import type { Environment, ReadText } from './given-text.ts'
import { variablesOfContexts } from './of-contexts.ts'
import { problemsOf, readVariables, type Entry } from './read-variables.ts'
import { unknownNames } from './unknown-names.ts'
import { valuesOf } from './values.ts'

/** All that a process reads from its environment. */
export interface ProcessConfig {
  /** Dure's own. */
  readonly config: Config
  /** What the contexts and the program of the system get from where they run. */
  readonly attached: readonly Attached<unknown>[]
  /** The values of all variables by name; secrets are not enumerable, so that no log prints them. */
  readonly values: Readonly<Record<string, unknown>>
  readonly entries: readonly Entry[]
  /** What is wrong, a sentence for each variable; the values are incomplete unless it is empty. */
  readonly problems: readonly string[]
  /** What is odd and keeps nobody from starting: names that nothing reads. */
  readonly warnings: readonly string[]
}

/**
 * Reads every variable of Dure and of a system, and finds all that are wrong. With `contexts`, those of these contexts only.
 * @throws DURE_MODEL_DUPLICATE where a variable is declared twice
 */
export function lookAtConfig(
  system: System,
  env: Environment,
  { contexts, read }: { readonly contexts?: readonly string[]; readonly read?: ReadText } = {},
): ProcessConfig {
  const own = readVariables(variables, env, read)
  const config = valuesOf(own) as unknown as Config
  const here = contexts ?? config.DURE_CONTEXTS
  const ofContexts = variablesOfContexts(system, here)
  const attached = attachedOf(system, here)
  // Outside of production a cache or an object store in memory does until a real one is named.
  const standIns = config.NODE_ENV === 'development' || config.NODE_ENV === 'test'
  const declared = declaredVariables(system, attached, { ...variables, ...ofContexts }, standIns)
  const entries = [...own, ...readVariables({ ...ofContexts, ...declared }, env, read)]
  return {
    config,
    attached,
    values: valuesOf(entries),
    entries,
    problems: problemsOf(entries),
    warnings: unknownNames(
      env,
      entries.map((it) => it.name),
    ),
  }
}

/** The same, where nothing is wrong. @throws DURE_CONFIG_INVALID with all that is */
export function readProcessConfig(...from: Parameters<typeof lookAtConfig>): ProcessConfig {
  const found = lookAtConfig(...from)
  if (found.problems.length > 0) throw fault('DURE_CONFIG_INVALID', { problems: found.problems })
  return found
}
