import type { StandardSchemaV1 } from '@standard-schema/spec'
import { describeClass } from '../domain/domain-class.ts'
import type { Codec, Description } from '../domain/fields/codec.ts'
import { codecKey } from '../domain/fields/dure-field.ts'
import type { Field, Fields } from '../domain/fields/field.ts'
import { sameJson, type Json, type JsonObject } from '../kernel/json.ts'

/** Which side of the wire: what is taken in, or what is given out. */
type Direction = 'input' | 'output'

interface Options {
  readonly direction: Direction
}

const TARGET = 'draft-2020-12'
const POINTER = '#/$defs/'

/**
 * The JSON Schema (draft 2020-12) of a field map as it travels in JSON. Value objects and entities stand under `$defs` by
 * name. Inputs refuse unknown fields; outputs may carry more. A foreign schema that cannot say its JSON Schema (Standard
 * JSON Schema) accepts anything here and names its vendor in `x-vendor`; it never throws.
 */
export function jsonSchemaOf(fields: Fields, { direction }: Options): JsonObject {
  const writer = new Writer(direction)
  return writer.finish(writer.object(fields, 'Field'))
}

/** As {@link jsonSchemaOf}, for one field. */
export function fieldSchemaOf(field: Field, { direction }: Options): JsonObject {
  const writer = new Writer(direction)
  return writer.finish(writer.field(field, 'Value'))
}

/** A copy with every `$ref` replaced. */
export function mapRefs(schema: Json, map: (ref: string) => string): Json {
  if (Array.isArray(schema)) return schema.map((it: Json) => mapRefs(it, map))
  if (typeof schema !== 'object' || schema === null) return schema
  return Object.fromEntries(
    Object.entries(schema as JsonObject).map(([key, it]) => [
      key,
      key === '$ref' && typeof it === 'string' ? map(it) : mapRefs(it, map),
    ]),
  )
}

class Writer {
  readonly #direction: Direction
  readonly #defs = new Map<string, Json>()

  constructor(direction: Direction) {
    this.#direction = direction
  }

  finish(schema: JsonObject): JsonObject {
    return this.#defs.size === 0 ? schema : { ...schema, $defs: Object.fromEntries(this.#defs) }
  }

  object(fields: Fields, owner: string): JsonObject {
    const entries = Object.entries(fields)
    const required = entries.filter(([, it]) => this.#mustBeThere(it)).map(([name]) => name)
    return {
      type: 'object',
      properties: Object.fromEntries(
        entries.map(([name, it]) => [name, this.field(it, `${owner}${capital(name)}`)]),
      ),
      ...(required.length > 0 && { required }),
      ...(this.#direction === 'input' && { additionalProperties: false }),
    }
  }

  field(field: Field, name: string): JsonObject {
    const codec = codecIn(field)
    if (codec === undefined) return this.#foreign(field as StandardSchemaV1, name)
    const it = codec.describe()
    const inner = field as unknown as { readonly of: Field; readonly fields: Fields }
    if (it.kind === 'list') return { type: 'array', items: this.field(inner.of, name) }
    if (it.kind === 'optional') return this.field(inner.of, name)
    if (it.kind === 'object') return this.object(inner.fields, name)
    if (it.kind === 'value' || it.kind === 'entity') return this.#class(field)
    return leaf(it)
  }

  #class(field: Field): JsonObject {
    const { name, fields } = describeClass(field as never)
    return { $ref: POINTER + this.#define(name, this.object(fields, name)) }
  }

  /** The name it got: another one where the name is taken by something else. */
  #define(name: string, schema: Json): string {
    let free = name
    for (let n = 2; this.#defs.has(free) && !sameJson(this.#defs.get(free), schema); n++) free = `${name}${n}`
    this.#defs.set(free, schema)
    return free
  }

  #foreign(schema: StandardSchemaV1, name: string): JsonObject {
    const standard = schema['~standard'] as StandardSchemaV1['~standard'] & {
      readonly jsonSchema?: { readonly [D in Direction]: (options: { target: string }) => JsonObject }
    }
    try {
      const { $schema: _, ...said } = standard.jsonSchema?.[this.#direction]({ target: TARGET }) ?? {}
      if (standard.jsonSchema !== undefined) return this.#hoist(said, name)
    } catch {
      // Standard JSON Schema lets a vendor throw at what has no JSON Schema, such as a Date.
    }
    return { 'x-vendor': standard.vendor }
  }

  // The references of a foreign schema are relative to its own root, which here becomes a part of another document.
  #hoist(schema: JsonObject, name: string): JsonObject {
    const { $defs, definitions, ...rest } = schema
    const own = { ...(definitions as JsonObject), ...($defs as JsonObject) }
    const renamed = new Map<string, string>()
    for (const key of Object.keys(own)) {
      const target = this.#free(key.startsWith('__') ? capital(name) : key, renamed)
      renamed.set(`#/$defs/${key}`, target).set(`#/definitions/${key}`, target)
    }
    let itself = false
    const map = (ref: string): string => {
      if (ref !== '#') return renamed.has(ref) ? POINTER + renamed.get(ref) : ref
      itself = true
      if (!renamed.has('#')) renamed.set('#', this.#free(capital(name), renamed))
      return POINTER + renamed.get('#')
    }
    const root = mapRefs(rest, map) as JsonObject
    for (const [key, it] of Object.entries(own))
      this.#defs.set(renamed.get(`#/$defs/${key}`) ?? key, mapRefs(it, map))
    if (!itself) return root
    this.#defs.set(renamed.get('#') as string, root)
    return { $ref: POINTER + renamed.get('#') }
  }

  #free(name: string, taken: ReadonlyMap<string, string>): string {
    const used = new Set([...this.#defs.keys(), ...taken.values()])
    let free = name
    for (let n = 2; used.has(free); n++) free = `${name}${n}`
    return free
  }

  #mustBeThere(field: Field): boolean {
    const codec = codecIn(field)
    if (codec !== undefined) return !codec.mayBeAbsent
    try {
      const result = (field as StandardSchemaV1)['~standard'].validate(undefined)
      if (result instanceof Promise) {
        result.catch(() => undefined)
        return true
      }
      if (result.issues !== undefined) return true
      return this.#direction === 'output' && result.value !== undefined // a default is always given out
    } catch {
      return true
    }
  }
}

function leaf(it: Description): JsonObject {
  switch (it.kind) {
    case 'ref':
      return { type: 'string', minLength: 1, maxLength: 200, description: `Id of ${it.to}`, 'x-ref': it.to }
    case 'oneOf':
      return { type: 'string', enum: it.values }
    case 'instant':
      return { type: 'string', format: 'date-time' }
    case 'bigInt':
      return { type: 'string', pattern: '^-?\\d{1,1000}$' }
    case 'bytes':
      return { type: 'string', contentEncoding: 'base64' }
    default:
      return {}
  }
}

function codecIn(field: Field): Codec | undefined {
  return (field as unknown as { readonly [codecKey]?: Codec })[codecKey]
}

function capital(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1)
}
