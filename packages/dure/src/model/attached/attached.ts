import { fault } from '../../kernel/errors/fault.ts'

/**
 * Something that a process gets from where it runs and not from the model: settings, or a backing service. It is a part of
 * the contexts that use it; handlers point at it: `reading.use(rates)`.
 */
export interface Attached<T> {
  readonly kind: 'settings' | 'resource'
  readonly name: string
  /** The environment variables that it is read from. */
  readonly variables: Readonly<Record<string, AnySetting>>
  /** Types only. */
  readonly '~use'?: () => T
}

/** A schema of any library; as a type of its own so that a declaration needs no import. */
interface Reads<T> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => unknown
    readonly types?: { readonly input: unknown; readonly output: T } | undefined
  }
}

/** One environment variable of an application. */
export interface Setting<T> {
  /** What it is for: said where it is missing or wrong. */
  readonly about: string
  /** How its text is read: any Standard Schema that answers at once, or a reader such as `config.whole({ min: 1 })`. */
  readonly read: Reads<T>
  /** The value where it is not set. Without one, and without `optional`, it has to be set. */
  readonly default?: T
  /** Whether it may be left out: its value is `undefined` then. */
  readonly optional?: boolean
  /** Never printed: not in errors, logs or `dure config`. May also be given as a file, by `NAME_FILE`. */
  readonly secret?: boolean
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- constraint over every setting
export type AnySetting = Setting<any>

const pattern = /^[A-Z][A-Z0-9_]{0,62}$/

/** Lets the name of an environment variable pass. */
export function checkVariable(where: string, name: string): void {
  if (pattern.test(name) && !name.endsWith('_FILE')) return
  throw fault('DURE_MODEL_INVALID', {
    where,
    reason: `${JSON.stringify(name)} is not a name of a variable.`,
    fix: 'Use capital letters, digits and _, and begin with a letter; names that end with _FILE are taken.',
  })
}
