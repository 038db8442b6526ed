import { asStored } from '../domain/fields/codec.ts'
import type { Shape } from '../domain/fields/shape.ts'
import type { Issue } from '../kernel/error.ts'
import { sameJson, type JsonObject } from '../kernel/json.ts'
import { ExpectationFailed } from './expectation.ts'
import { throughJson } from './happened.ts'

/** The stored form of values, after seeing that they fit their fields and come back from storage as they were. */
export function survive(what: string, shape: Shape, values: object): JsonObject {
  const issues: Issue[] = []
  shape.parse(values, issues, asStored)
  if (issues.length > 0) {
    const all = issues.map((it) => `${it.path || '/'} ${it.message}`).join('; ')
    throw new ExpectationFailed(`${what} does not fit its fields: ${all}`, [], issues)
  }
  const json = shape.encode(values)
  const stored = throughJson(json)
  const again = shape.encode(shape.decode(stored))
  if (!sameJson(again, json)) throw new ExpectationFailed(`${what} does not survive storage`, json, again)
  return stored
}
