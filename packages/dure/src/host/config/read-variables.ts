import { givenText, type Environment, type ReadText } from './given-text.ts'
import { required, type Variable } from './variable.ts'

/** One variable as it was found. */
export interface Entry {
  readonly name: string
  readonly about: string
  readonly secret: boolean
  /** Of the value: `environment`, a file, `default`, or `not set`. */
  readonly from: string
  readonly value: unknown
  /** What the value is when nothing is set; undefined if there is none. */
  readonly fallback: unknown
  /** What is wrong with it; its value is undefined then. */
  readonly wrong?: string
}

/** Reads every variable; whatever is wrong is an entry that says so. */
export function readVariables(
  variables: Readonly<Record<string, Variable<unknown>>>,
  env: Environment,
  read?: ReadText,
): readonly Entry[] {
  return Object.entries(variables).map(([name, it]) => entryOf(name, it, env, read))
}

function entryOf(name: string, it: Variable<unknown>, env: Environment, read?: ReadText): Entry {
  const { about, secret = false } = it
  const fallback = it.fallback === required ? undefined : it.fallback
  const entry = { name, about, secret, fallback }
  const wrong = (reason: string, from: string): Entry => ({ ...entry, from, value: undefined, wrong: reason })
  const given = givenText(name, secret, env, read)
  if (given === undefined) {
    if (it.fallback === required) return wrong('it is not set', 'not set')
    return { ...entry, from: fallback === undefined ? 'not set' : 'default', value: fallback }
  }
  if ('wrong' in given) return wrong(given.wrong, 'not set')
  const value = it.read(given.text)
  if (isWrong(value)) return wrong(value.wrong, given.from)
  return { ...entry, from: given.from, value }
}

function isWrong(value: unknown): value is { readonly wrong: string } {
  return typeof value === 'object' && value !== null && Object.keys(value).join() === 'wrong'
}

/** A sentence per entry that is wrong: the name, what was expected, what it is for. */
export function problemsOf(entries: readonly Entry[]): readonly string[] {
  return entries.flatMap(({ name, about, wrong }) =>
    wrong === undefined ? [] : [`${name}: ${wrong} (${about})`],
  )
}
