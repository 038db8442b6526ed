import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { Issue } from '../../kernel/error.ts'
import { fault } from '../../kernel/errors/fault.ts'
import { sameJson, type Json } from '../../kernel/json.ts'
import { frozen } from '../frozen.ts'
import { segmentOf, type Codec, type Reading } from './codec.ts'

/** The codec of any foreign Standard Schema: its value is its own JSON. */
export function schemaCodec(schema: StandardSchemaV1, field: string): Codec {
  return {
    describe: () => ({ kind: 'schema', vendor: schema['~standard'].vendor }),
    mayBeAbsent: true, // only the schema knows; it is asked with undefined
    parse: (value, issues, reading) => parseSchema(schema, field, value, issues, reading),
    encode: (value) => value as Json,
    decode: frozen, // in place: what a store reads belongs to the reader
  }
}

function parseSchema(
  schema: StandardSchemaV1,
  field: string,
  value: unknown,
  issues: Issue[],
  reading: Reading,
): unknown {
  const result = schema['~standard'].validate(value)
  if (result instanceof Promise) {
    result.catch(() => undefined)
    throw fault('DURE_SCHEMA_ASYNC', { field })
  }
  if (result.issues !== undefined) {
    if (value === undefined) issues.push({ path: '', message: 'is required' })
    else for (const it of result.issues) issues.push({ path: pointer(it.path), message: it.message })
    return undefined
  }
  return reading.stored ? storable(schema, field, value, result.value) : result.value
}

// A primitive that came back unchanged needs no look; everything else must be JSON and must be accepted again as it is,
// or reading an event and emitting it again would change it. Objects are copied, since a schema may return its very
// input, which its owner can still change.
function storable(schema: StandardSchemaV1, field: string, value: unknown, output: unknown): unknown {
  if (output === undefined) {
    if (value === undefined) return undefined
    throw fault('DURE_SCHEMA_TRANSFORMS', { field })
  }
  const json = copied(field, output)
  if (output === value || (typeof value === 'object' && sameJson(value as Json, json))) return json
  const again = schema['~standard'].validate(output)
  if (again instanceof Promise) throw fault('DURE_SCHEMA_ASYNC', { field })
  if (again.issues !== undefined || !sameJson(again.value as Json, output as Json)) {
    throw fault('DURE_SCHEMA_TRANSFORMS', { field })
  }
  return json
}

/** A frozen copy of JSON; keys whose value is undefined are left out, as JSON does. */
function copied(field: string, value: unknown): Json {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value
  if (typeof value === 'number' && Number.isFinite(value)) return value
  if (Array.isArray(value)) return Object.freeze(Array.from(value, (it: unknown) => copied(field, it)))
  if (typeof value !== 'object' || !isPlain(value)) {
    throw fault('DURE_SCHEMA_NOT_STORABLE', { field, found: kindOf(value) })
  }
  const entries = Object.entries(value).filter(([, it]) => it !== undefined)
  return Object.freeze(Object.fromEntries(entries.map(([key, it]) => [key, copied(field, it)])))
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}

function kindOf(value: unknown): string {
  if (typeof value === 'number') return String(value)
  if (typeof value !== 'object' || value === null)
    return value === undefined ? 'undefined' : `a ${typeof value}`
  return `an instance of ${value.constructor?.name ?? 'a class'}`
}

function pointer(path: StandardSchemaV1.Issue['path']): string {
  if (path === undefined) return ''
  return path.map((it) => segmentOf(String(typeof it === 'object' ? it.key : it))).join('')
}
