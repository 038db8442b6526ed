import { describeClass } from '../../domain/domain-class.ts'
import type { DomainClass, Field, Fields } from '../../domain/fields/field.ts'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { placesOf } from '../check/places.ts'
import { descriptionOf, isClass, walkFields } from '../check/walk-fields.ts'
import type { ContextDefinition } from '../context.ts'
import { fieldSchemaOf } from '../json-schema.ts'
import type {
  ClassDescription,
  FieldDescription,
  FieldsDescription,
  ReferenceDescription,
} from './model-format.ts'

/** A field map as data. */
export function describeFields(fields: Fields): FieldsDescription {
  return Object.fromEntries(Object.entries(fields).map(([name, it]) => [name, describeField(it)]))
}

/** One field as data. */
export function describeField(field: Field): FieldDescription {
  const it = descriptionOf(field)
  const inner = field as unknown as { readonly of: Field; readonly fields: Fields }
  if (it === undefined || it.kind === 'schema') return describeForeign(field as StandardSchemaV1)
  if (it.kind === 'list' || it.kind === 'optional') return { kind: it.kind, of: describeField(inner.of) }
  if (it.kind === 'object') return { kind: 'object', fields: describeFields(inner.fields) }
  return it
}

function describeForeign(schema: StandardSchemaV1): FieldDescription {
  const jsonSchema = fieldSchemaOf(schema, { direction: 'input' })
  const { vendor } = schema['~standard']
  return 'x-vendor' in jsonSchema ? { kind: 'schema', vendor } : { kind: 'schema', vendor, jsonSchema }
}

/** The value objects and entities that the fields of a context use, by name. */
export function classesOf(context: ContextDefinition): readonly ClassDescription[] {
  const found = new Map<string, ClassDescription>()
  const opened = new Set<object>()
  for (const { fields } of placesOf(context)) {
    for (const { field, description } of walkFields(fields, opened)) {
      if (isClass(description) && !found.has(description.name)) {
        found.set(description.name, describeDomainClass(field as DomainClass, description.kind))
      }
    }
  }
  // By code unit, not by locale: the same on every machine.
  return [...found.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

function describeDomainClass(it: DomainClass, kind: 'value' | 'entity'): ClassDescription {
  const { name, fields } = describeClass(it)
  const { key } = it as unknown as { readonly key?: string }
  return {
    kind,
    name,
    ...(kind === 'entity' && key !== undefined && { key }),
    fields: describeFields(fields),
  }
}

/** The refs that stand in the states of a context's aggregates, and in the classes there. */
export function referencesOf(context: ContextDefinition): readonly ReferenceDescription[] {
  const opened = new Set<object>()
  return context.aggregates.flatMap(({ name, definition }) =>
    [...walkFields(definition.state.fields, opened)].flatMap(({ path, owner, description }) =>
      description?.kind === 'ref'
        ? [{ from: owner ?? (name as string), field: path, to: description.to }]
        : [],
    ),
  )
}
