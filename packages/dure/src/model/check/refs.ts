import type { ContextDefinition } from '../context.ts'
import { knownByContract, type System } from '../system.ts'
import { finding, type Rule } from './finding.ts'
import { nearest } from './nearest.ts'
import { placesOf } from './places.ts'
import { nameOfField, walkFields } from './walk-fields.ts'

/** Refs point at an aggregate of the system, and at only one. */
export const refs: Rule = function* (system) {
  const owners = ownersOf(system)
  // What a contract of another repository points at is its matter.
  const outside = new Set(system.elsewhere.flatMap((it) => [...refsOf(knownByContract(it)).keys()]))
  const ambiguous = new Set<string>()
  for (const context of system.contexts) {
    for (const [to, places] of refsOf(context)) {
      const contexts = owners.get(to) ?? []
      if (contexts.length === 0 && !outside.has(to)) {
        const near = nearest(to, [...owners.keys(), ...outside]) ?? ''
        const details = { to, nearest: near, more: places.length - 1 }
        yield finding('DURE_CHECK_REF', places[0] as string, details, near === '' ? 'warning' : 'error')
      } else if (contexts.length > 1 && !ambiguous.has(to)) {
        ambiguous.add(to)
        yield finding('DURE_CHECK_REF_AMBIGUOUS', places[0] as string, { to, contexts }, 'warning')
      }
    }
  }
}

function ownersOf(system: System): ReadonlyMap<string, readonly string[]> {
  const owners = new Map<string, readonly string[]>()
  for (const context of system.contexts) {
    for (const { name } of context.aggregates) {
      owners.set(name as string, [...(owners.get(name as string) ?? []), context.name])
    }
  }
  return owners
}

function refsOf(context: ContextDefinition): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>()
  const opened = new Set<object>()
  for (const { where, fields } of placesOf(context)) {
    for (const met of walkFields(fields, opened)) {
      const { description } = met
      if (description?.kind !== 'ref') continue
      const places = found.get(description.to) ?? []
      places.push(`${where}, ${nameOfField(met)}`)
      found.set(description.to, places)
    }
  }
  return found
}
