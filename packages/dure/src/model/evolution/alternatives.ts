import type { Json, JsonObject } from '../../kernel/json.ts'
import { digits, isObject } from './event-shape.ts'

/** One of the things that a value may be: a certain value, or whatever a schema without unions takes. */
export type Alternative = { readonly literal: Json } | Typed

/** A schema without unions. */
interface Typed {
  readonly schema: JsonObject
  readonly kind: Kind
  /** The class that it is of. */
  readonly named?: string
}

type Kind =
  | 'anything'
  | 'string'
  | 'instant'
  | 'bigInt'
  | 'bytes'
  | 'number'
  | 'integer'
  | 'boolean'
  | 'null'
  | 'array'
  | 'object'

const POINTER = '#/$defs/'

/** Opens references, unions and lists of values. A schema that refers only to itself takes anything. */
export function alternativesOf(
  schema: JsonObject,
  defs: JsonObject,
  named?: string,
  depth = 0,
): readonly Alternative[] {
  const { $ref, type } = schema
  const opened = (it: Json, name = named): readonly Alternative[] =>
    isObject(it) && depth < 50 ? alternativesOf(it, defs, name, depth + 1) : [anything]
  if (typeof $ref === 'string' && $ref.startsWith(POINTER)) {
    const name = $ref.slice(POINTER.length)
    return opened(defs[name] ?? null, name)
  }
  if (Array.isArray(schema['enum'])) return schema['enum'].map((literal: Json) => ({ literal }))
  if (schema['const'] !== undefined) return [{ literal: schema['const'] }]
  const union = schema['anyOf'] ?? schema['oneOf']
  if (Array.isArray(union)) return union.flatMap((it: Json) => opened(it))
  if (Array.isArray(type)) return type.flatMap((it: Json) => opened({ ...schema, type: it }))
  return [{ schema, kind: kindOf(schema), ...(named !== undefined && { named }) }]
}

const anything: Alternative = { schema: {}, kind: 'anything' }

function kindOf(schema: JsonObject): Kind {
  const { type, format, pattern, contentEncoding } = schema
  if (type === 'string') {
    if (pattern === digits) return 'bigInt'
    if (pattern !== undefined) return 'string'
    if (format === 'date-time') return 'instant'
    return contentEncoding === 'base64' && format === undefined ? 'bytes' : 'string'
  }
  return typeof type === 'string' ? (type as Kind) : 'anything'
}

/** Whether values of one kind can be read where another is expected. */
export function kindFits(was: Typed, is: Kind): boolean {
  if (was.kind === is || is === 'anything') return true
  if (is === 'number') return was.kind === 'integer'
  if (is === 'string') return ['instant', 'bigInt', 'bytes'].includes(was.kind)
  return is === 'instant' && was.kind === 'string' && was.schema['format'] === 'date-time'
}

/** Whether a certain value can be read where a kind is expected. */
export function literalFits(literal: Json, is: Kind): boolean {
  if (is === 'anything') return true
  if (literal === null) return is === 'null'
  if (typeof literal === 'number') return is === 'number' || (is === 'integer' && Number.isInteger(literal))
  return typeof literal === is
}
