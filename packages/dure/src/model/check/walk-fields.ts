import { describeClass } from '../../domain/domain-class.ts'
import type { Codec, Description } from '../../domain/fields/codec.ts'
import { codecKey } from '../../domain/fields/dure-field.ts'
import type { DomainClass, Field, Fields } from '../../domain/fields/field.ts'

/** A field at its place, lists, optionals and objects opened. */
export interface Met {
  /** `lines.product`: the way from its owner. */
  readonly path: string
  /** The class it is a field of; undefined in the field map that the walk began with. */
  readonly owner: string | undefined
  readonly field: Field
  readonly description: Description | undefined
}

/**
 * Every field of a field map and of all that stands inside: outer fields before inner ones. A class is opened once for
 * each `opened` set, so handing the same set to several walks visits its fields once.
 */
export function* walkFields(
  fields: Fields,
  opened: Set<object> = new Set(),
  prefix = '',
  owner?: string,
): Generator<Met> {
  for (const [name, field] of Object.entries(fields)) yield* walkField(field, prefix + name, opened, owner)
}

function* walkField(field: Field, path: string, opened: Set<object>, owner?: string): Generator<Met> {
  const description = descriptionOf(field)
  yield { path, owner, field, description }
  const inner = field as unknown as { readonly of: Field; readonly fields: Fields }
  if (description?.kind === 'list' || description?.kind === 'optional') {
    yield* walkField(inner.of, path, opened, owner)
  }
  if (description?.kind === 'object') yield* walkFields(inner.fields, opened, `${path}.`, owner)
  if (isClass(description) && !opened.has(field)) {
    opened.add(field)
    yield* walkFields(inner.fields, opened, '', describeClass(field as DomainClass).name)
  }
}

/** How a finding names a field: `field lines.product`, `field product of OrderLine`. */
export function nameOfField({ path, owner }: Met): string {
  return owner === undefined ? `field ${path}` : `field ${path} of ${owner}`
}

/** What a field of Dure says of itself; undefined for a foreign schema. */
export function descriptionOf(field: Field): Description | undefined {
  return (field as unknown as { readonly [codecKey]?: Codec })[codecKey]?.describe()
}

/** Whether the field is a value object or an entity. */
export function isClass(
  it: Description | undefined,
): it is { readonly kind: 'value' | 'entity'; readonly name: string } {
  return it?.kind === 'value' || it?.kind === 'entity'
}
