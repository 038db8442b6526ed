import type { Entry } from './read-variables.ts'

/** Values by name. Those of secrets are not enumerable, so that a log of the whole prints none. */
export function valuesOf(entries: readonly Entry[]): Readonly<Record<string, unknown>> {
  const values: Record<string, unknown> = {}
  for (const { name, value, secret } of entries) {
    Object.defineProperty(values, name, { value, enumerable: !secret })
  }
  return Object.freeze(values)
}
