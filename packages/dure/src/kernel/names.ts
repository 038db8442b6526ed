import { fault } from './errors/fault.ts'

const pattern = /^[A-Za-z][A-Za-z0-9_]{0,62}$/
// What every object has: a field of such a name would be found where there is none.
const taken = new Set([...Object.getOwnPropertyNames(Object.prototype), 'prototype'])

/** Lets a name of the model pass: a letter, then letters, digits and `_`, at most 63; it becomes JSON, SQL and URLs. */
export function checkName(what: string, name: unknown): asserts name is string {
  if (typeof name !== 'string' || !pattern.test(name) || taken.has(name)) {
    throw fault('DURE_MODEL_NAME', { what, name: String(name) })
  }
}
