import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { Json, JsonObject } from '../../kernel/json.ts'
import { fieldSchemaOf } from '../../model/json-schema.ts'
import type { ColumnKind } from '../../ports/state-store.ts'

/** What SQL NULL says in a column: nothing that may be, that the field is absent, or that its value is null. */
export type Absence = 'never' | 'absent' | 'null'

/** How a column holds a field. */
export interface Holding {
  readonly kind: ColumnKind
  readonly absence: Absence
}

/** The column of a foreign schema: a scalar where its JSON Schema says that it is exactly one, else JSON. */
export function foreignColumn(schema: StandardSchemaV1): Holding {
  const scalar = scalarOf(fieldSchemaOf(schema, { direction: 'output' }))
  const mayBeAbsent = accepts(schema, undefined)
  const mayBeNull = scalar?.nullable === true || accepts(schema, null)
  // One NULL cannot say both.
  if (scalar === undefined || (mayBeNull && mayBeAbsent)) {
    return { kind: 'json', absence: mayBeAbsent ? 'absent' : 'never' }
  }
  return { kind: scalar.kind, absence: mayBeNull ? 'null' : mayBeAbsent ? 'absent' : 'never' }
}

/** Whether a schema lets nothing pass: undefined also where it puts a default in its place, null only as it is. */
function accepts(schema: StandardSchemaV1, nothing: undefined | null): boolean {
  try {
    const result = schema['~standard'].validate(nothing)
    if (result instanceof Promise) {
      result.catch(() => undefined)
      return false
    }
    return result.issues === undefined && (nothing === undefined || result.value === null)
  } catch {
    return false
  }
}

interface Scalar {
  readonly kind: ColumnKind
  readonly nullable: boolean
}

const kinds = new Map<Json | undefined, ColumnKind>([
  ['string', 'text'],
  ['integer', 'integer'],
  ['number', 'number'],
  ['boolean', 'boolean'],
])

function scalarOf(schema: JsonObject): Scalar | undefined {
  const types = typesOf(schema)
  const [type, ...others] = types.filter((it) => it !== 'null')
  const kind = kinds.get(type)
  return kind === undefined || others.length > 0 ? undefined : { kind, nullable: types.includes('null') }
}

/** The types that a JSON Schema says a value has; none where it does not say. */
function typesOf(schema: JsonObject): readonly Json[] {
  const { type, anyOf, const: only, enum: words } = schema
  if (type !== undefined) return Array.isArray(type) ? (type as Json[]) : [type]
  if (Array.isArray(words)) return [...new Set((words as Json[]).map(typeOf))]
  if (only !== undefined) return [typeOf(only)]
  if (!Array.isArray(anyOf)) return []
  const each = (anyOf as JsonObject[]).map(typesOf)
  // A way that does not say its type may be of any.
  return each.some((it) => it.length === 0) ? [] : [...new Set(each.flat())]
}

function typeOf(value: Json): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : typeof value
}
