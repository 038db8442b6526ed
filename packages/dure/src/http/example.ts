import type { Json, JsonObject } from '../kernel/json.ts'
import type { OpenApi } from './openapi/openapi.ts'

const MAX_DEPTH = 12

/** A value that the schema takes, as far as types and words go; patterns and ranges are not solved. */
export function exampleOf(schema: JsonObject, document: OpenApi, depth = 0): Json {
  if (depth > MAX_DEPTH) return null
  const { $ref: ref, type, properties, items, anyOf, oneOf, enum: words } = schema
  if (typeof ref === 'string') {
    const schemas = document.components['schemas'] as JsonObject | undefined
    return exampleOf((schemas?.[ref.split('/').at(-1) ?? ''] ?? {}) as JsonObject, document, depth + 1)
  }
  if ('const' in schema) return schema['const']
  if ('default' in schema) return schema['default']
  if (Array.isArray(words)) return words[0] as Json
  const branch = (Array.isArray(anyOf) ? anyOf[0] : Array.isArray(oneOf) ? oneOf[0] : undefined) as
    | Json
    | undefined
  if (branch !== undefined) return exampleOf(branch as JsonObject, document, depth + 1)
  switch (Array.isArray(type) ? type[0] : type) {
    case 'object':
      return objectExample((properties ?? {}) as JsonObject, schema, document, depth)
    case 'array':
      return [exampleOf((items ?? {}) as JsonObject, document, depth + 1)]
    case 'integer':
    case 'number':
      return numberExample(schema)
    case 'boolean':
      return true
    case 'null':
      return null
    default:
      return textExample(schema)
  }
}

function objectExample(properties: JsonObject, schema: JsonObject, document: OpenApi, depth: number): Json {
  const required = (schema['required'] ?? []) as readonly string[]
  const own = required.filter((name) => Object.hasOwn(properties, name))
  return Object.fromEntries(
    own.map((name) => [name, exampleOf(properties[name] as JsonObject, document, depth + 1)]),
  )
}

function numberExample({ minimum, exclusiveMinimum }: JsonObject): number {
  if (typeof exclusiveMinimum === 'number') return exclusiveMinimum + 1
  return typeof minimum === 'number' && minimum > 1 ? minimum : 1
}

function textExample(schema: JsonObject): string {
  if (schema['format'] === 'date-time') return '2026-01-31T09:00:00Z'
  if (schema['contentEncoding'] === 'base64') return 'AAAA'
  if (typeof schema['x-ref'] === 'string') return `${schema['x-ref'].toLowerCase()}-1`
  if (typeof schema['pattern'] === 'string') return '1'
  return 'text'.padEnd(Math.min(Number(schema['minLength'] ?? 0), 200), 't')
}
