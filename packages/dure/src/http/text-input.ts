import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { Field, Fields } from '../domain/fields/field.ts'
import type { Json, JsonObject } from '../kernel/json.ts'
import { jsonSchemaOf } from '../model/json-schema.ts'
import { parseJsonBody } from './json-body.ts'

/** Texts of a path or query string as what their field takes; what does not fit stays text, for the shape to refuse. */
export type TextReader = (texts: string | readonly string[]) => unknown

type One = (text: string) => unknown

const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/

/** How each field is read from text, by its JSON Schema. */
export function textReadersOf(fields: Fields): ReadonlyMap<string, TextReader> {
  const whole = jsonSchemaOf(fields, { direction: 'input' })
  const properties = whole['properties'] as Readonly<Record<string, JsonObject>>
  return new Map(
    Object.entries(fields).map(([name, field]) => [name, readerOf(properties[name] ?? {}, whole, field)]),
  )
}

function readerOf(schema: JsonObject, root: JsonObject, field: Field): TextReader {
  const it = resolve(schema, root)
  const one = oneOf(it, field)
  if (!typesOf(it, root).has('array')) return (texts) => (typeof texts === 'string' ? one(texts) : texts)
  const each = oneOf(resolve((it['items'] ?? {}) as JsonObject, root), field)
  return (texts) => (typeof texts === 'string' ? [each(texts)] : texts.map((text) => each(text)))
}

function oneOf(schema: JsonObject, field: Field): One {
  const types = typesOf(schema, schema)
  if (types.has('string')) return (text) => text
  if (types.size === 0) return 'x-vendor' in schema ? byTrial(field as StandardSchemaV1) : (text) => text
  const number = types.has('number') || types.has('integer')
  return (text) => {
    if (number && NUMBER.test(text)) return Number(text)
    if (types.has('boolean') && (text === 'true' || text === 'false')) return text === 'true'
    return types.has('object') && text.startsWith('{') ? parseJsonBody(Buffer.from(text)) : text
  }
}

// A schema that does not say what it takes is asked: text first, since text is what came.
function byTrial(schema: StandardSchemaV1): One {
  const takes = (value: unknown): boolean => {
    const result = schema['~standard'].validate(value)
    return !(result instanceof Promise) && result.issues === undefined
  }
  return (text) => {
    const other = NUMBER.test(text)
      ? Number(text)
      : text === 'true'
        ? true
        : text === 'false'
          ? false
          : undefined
    return other !== undefined && !takes(text) && takes(other) ? other : text
  }
}

function resolve(schema: JsonObject, root: JsonObject): JsonObject {
  const ref = schema['$ref']
  if (typeof ref !== 'string') return schema
  const found = (root['$defs'] as JsonObject | undefined)?.[ref.slice('#/$defs/'.length)]
  return (found as JsonObject | undefined) ?? {}
}

function typesOf(schema: JsonObject, root: JsonObject): ReadonlySet<string> {
  const { type, enum: words, anyOf, oneOf: branches } = schema
  if (typeof type === 'string') return new Set([type])
  if (Array.isArray(type)) return new Set(type as string[])
  if ('const' in schema) return new Set([jsonType(schema['const'])])
  if (Array.isArray(words)) return new Set(words.map(jsonType))
  const all = [...((anyOf ?? []) as JsonObject[]), ...((branches ?? []) as JsonObject[])]
  return new Set(all.flatMap((it) => [...typesOf(resolve(it, root), root)]))
}

function jsonType(value: Json): string {
  return Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value
}
