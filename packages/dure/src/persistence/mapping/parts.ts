import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { Codec } from '../../domain/fields/codec.ts'
import { codecOf } from '../../domain/fields/codec-of.ts'
import type { Field, Fields } from '../../domain/fields/field.ts'
import { foreignColumn, type Holding } from './foreign-column.ts'

/** A field that one column holds. */
export interface ColumnPart extends Holding {
  readonly part: 'column'
  readonly field: string
  readonly indexed: boolean
  /** The words that it may be, where there are only some. */
  readonly words?: readonly string[]
  readonly codec: Codec
}

/** A field whose own fields stand beside the others, under its name: a value object, one entity, an object. */
export interface GroupPart {
  readonly part: 'group'
  readonly field: string
  readonly optional: boolean
  readonly parts: readonly Part[]
}

/** A list of entities: a table of its own. */
export interface ListPart {
  readonly part: 'list'
  readonly field: string
  /** The identity of its entities. */
  readonly key: ColumnPart
  /** The fields besides it. */
  readonly parts: readonly Part[]
}

/** Where a field goes. */
export type Part = ColumnPart | GroupPart | ListPart

/** Where the fields of a map go, in their order. */
export function partsOf(fields: Fields): readonly Part[] {
  return Object.entries(fields).map(([name, it]) => partOf(name, it))
}

function partOf(field: string, it: Field): Part {
  const codec = codecOf(it, field)
  const described = codec.describe()
  switch (described.kind) {
    case 'schema':
      return { part: 'column', field, indexed: false, codec, ...foreignColumn(it as StandardSchemaV1) }
    case 'ref':
      return { part: 'column', field, indexed: true, codec, kind: 'text', absence: 'never' }
    case 'oneOf': {
      const { values: words } = described
      return { part: 'column', field, indexed: false, codec, kind: 'text', absence: 'never', words }
    }
    case 'instant':
    case 'bigInt':
    case 'bytes':
      return { part: 'column', field, indexed: false, codec, kind: described.kind, absence: 'never' }
    case 'value':
    case 'entity':
    case 'object':
      return { part: 'group', field, optional: false, parts: partsOf(fieldsOf(it)) }
    case 'optional':
      return optionalOf(partOf(field, innerOf(it)), codec)
    default:
      return listOf(field, innerOf(it)) ?? json(field, codec, 'never')
  }
}

/** A table of entities, unless what tells them apart is more than one scalar. */
function listOf(field: string, of: Field): ListPart | undefined {
  if (codecOf(of, field).describe().kind !== 'entity') return undefined
  const { key: keyField } = of as unknown as { readonly key: string }
  const parts = partsOf(fieldsOf(of))
  const key = parts.find((it) => it.field === keyField)
  if (key?.part !== 'column' || key.kind === 'json' || key.absence !== 'never') return undefined
  return { part: 'list', field, key, parts: parts.filter((it) => it !== key) }
}

function optionalOf(it: Part, codec: Codec): Part {
  const { field } = it
  if (it.part === 'list') return json(field, codec, 'absent')
  if (it.part === 'group')
    return witnesses(it.parts) ? { ...it, optional: true } : json(field, codec, 'absent')
  // One NULL cannot say both null and absent.
  if (it.absence === 'null') return json(field, codec, 'absent')
  return { ...it, absence: 'absent' }
}

/** Whether some column tells a group that is there from one that is not: a scalar that is never NULL. */
function witnesses(parts: readonly Part[]): boolean {
  return parts.some((it) => (it.part === 'group' ? !it.optional && witnesses(it.parts) : isWitness(it)))
}

/** Whether a column is never NULL in a group that is there. */
export function isWitness(it: Part): boolean {
  return it.part === 'column' && it.absence === 'never' && it.kind !== 'json'
}

function json(field: string, codec: Codec, absence: 'never' | 'absent'): ColumnPart {
  return { part: 'column', field, indexed: false, codec, kind: 'json', absence }
}

function fieldsOf(it: Field): Fields {
  return (it as unknown as { readonly fields: Fields }).fields
}

function innerOf(it: Field): Field {
  return (it as unknown as { readonly of: Field }).of
}
