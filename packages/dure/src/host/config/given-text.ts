import { readFileSync } from 'node:fs'

/** The environment of a process. */
export type Environment = Readonly<Record<string, string | undefined>>

/** The text of a variable, and where it stood. */
export interface GivenText {
  readonly text: string
  /** `environment`, or the path of a file. */
  readonly from: string
}

/** How a file of a secret is read; a test has another. */
export type ReadText = (path: string) => string

/**
 * The text of a variable in the environment; of a secret also in the file that `NAME_FILE` names, as Docker and Kubernetes
 * mount secrets. Undefined where it is not set: an empty text counts as absent.
 */
export function givenText(
  name: string,
  secret: boolean,
  env: Environment,
  read: ReadText = (path) => readFileSync(path, 'utf8'),
): GivenText | { readonly wrong: string } | undefined {
  const text = env[name] === '' ? undefined : env[name]
  const path = secret && env[`${name}_FILE`] !== '' ? env[`${name}_FILE`] : undefined
  if (path === undefined) return text === undefined ? undefined : { text, from: 'environment' }
  if (text !== undefined) return { wrong: `it and ${name}_FILE are both set: leave one out` }
  try {
    // Editors and `echo` end a file with a line break that is not part of the secret.
    const content = read(path).replace(/\r?\n$/, '')
    return content === ''
      ? { wrong: `the file ${path} of ${name}_FILE is empty` }
      : { text: content, from: path }
  } catch (error) {
    const { code = 'unreadable' } = error as NodeJS.ErrnoException
    return { wrong: `the file ${path} of ${name}_FILE cannot be read: ${code}` }
  }
}
