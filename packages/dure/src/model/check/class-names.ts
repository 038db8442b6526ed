import { describeClass } from '../../domain/domain-class.ts'
import type { DomainClass, Fields } from '../../domain/fields/field.ts'
import { canonicalJson } from '../../kernel/json.ts'
import { jsonSchemaOf } from '../json-schema.ts'
import { finding, type Rule } from './finding.ts'
import { placesOf } from './places.ts'
import { isClass, walkFields } from './walk-fields.ts'

interface Known {
  readonly kind: string
  readonly fields: Fields
  readonly where: string
}

/** Inside a context, a value object or entity of one name has one set of fields. */
export const classNames: Rule = function* (system) {
  for (const context of system.contexts) {
    const known = new Map<string, Known>()
    const opened = new Set<object>()
    for (const { where, fields } of placesOf(context)) {
      for (const { field, description } of walkFields(fields, opened)) {
        if (!isClass(description)) continue
        const it = { ...describeClass(field as DomainClass), kind: description.kind, where }
        const first = known.get(it.name)
        if (first === undefined) known.set(it.name, it)
        else if (!same(first, it)) {
          yield finding('DURE_CHECK_CLASS', where, { name: it.name, first: first.where, second: where })
          known.set(it.name, it)
        }
      }
    }
  }
}

// Two classes with equal fields can be told apart by nobody who reads JSON; a class and its subclass share the map.
function same(a: Known, b: Known): boolean {
  if (a.kind !== b.kind) return false
  return a.fields === b.fields || schemaText(a.fields) === schemaText(b.fields)
}

function schemaText(fields: Fields): string {
  return canonicalJson(jsonSchemaOf(fields, { direction: 'input' }))
}
