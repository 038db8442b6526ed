import type { Fields } from '../../domain/fields/field.ts'
import type { Json, JsonObject } from '../../kernel/json.ts'
import { jsonSchemaOf } from '../json-schema.ts'

/** What an event looks like in the log: per field its JSON Schema, which fields must be there, and the classes used. */
export interface EventShape extends JsonObject {
  readonly properties: JsonObject
  readonly required: readonly string[]
  readonly $defs: JsonObject
}

/** The shape of stored events with these fields, or with the direction `input`, of what is handed in. */
export function eventShapeOf(fields: Fields, direction: 'input' | 'output' = 'output'): EventShape {
  const { properties = {}, required = [], $defs = {} } = jsonSchemaOf(fields, { direction })
  return JSON.parse(JSON.stringify({ properties, required, $defs })) as EventShape
}

/** The pattern of a Dure bigint, the one pattern that tells a kind of value and not a bound. */
export const digits = '^-?\\d{1,1000}$'

const maps = new Set(['properties', '$defs'])
const told = new Set([
  'type',
  'properties',
  'required',
  'items',
  'prefixItems',
  'additionalProperties',
  'enum',
  'const',
  'anyOf',
  'oneOf',
  'allOf',
  '$ref',
  '$defs',
  'contentEncoding',
  'x-vendor',
])

/** A schema without what only bounds or describes its values: equal for shapes that hold the same kinds of values. */
export function essenceOf(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map((it: Json) => essenceOf(it))
  if (!isObject(schema)) return schema
  const entries = Object.entries(schema).filter(([key, it]) => told.has(key) || tellsKind(key, it))
  return Object.fromEntries(entries.map(([key, it]) => [key, essenceOfPart(key, it)]))
}

function essenceOfPart(key: string, it: Json): Json {
  if (key === 'required') return (it as readonly string[]).toSorted()
  if (key === 'enum' || key === 'const') return it
  if (!maps.has(key)) return essenceOf(it)
  return Object.fromEntries(Object.entries(it as JsonObject).map(([name, inner]) => [name, essenceOf(inner)]))
}

function tellsKind(key: string, it: Json): boolean {
  return (key === 'format' && it === 'date-time') || (key === 'pattern' && it === digits)
}

export function isObject(it: Json | undefined): it is JsonObject {
  return typeof it === 'object' && it !== null && !Array.isArray(it)
}
