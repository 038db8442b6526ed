import { nearest } from '../../model/check/nearest.ts'
import type { Environment } from './given-text.ts'

/** Variables that look like Dure's and that nobody reads: likely a slip. */
export function unknownNames(env: Environment, known: readonly string[]): readonly string[] {
  const read = new Set(known.flatMap((it) => [it, `${it}_FILE`]))
  return Object.keys(env)
    .filter((it) => it.startsWith('DURE_') && !it.startsWith('DURE_TEST_') && !read.has(it))
    .toSorted()
    .map((it) => {
      const near = nearest(it, known)
      return near === undefined
        ? `${it} is set, and nothing reads it`
        : `${it} is set, and nothing reads it: did you mean ${near}?`
    })
}
