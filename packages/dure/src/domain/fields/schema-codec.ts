import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { Issue } from '../../kernel/error.ts'
import { fault } from '../../kernel/errors/fault.ts'
import { sameJson, type Json } from '../../kernel/json.ts'
import type { Codec, Reading } from './codec.ts'

/** The codec of any foreign Standard Schema: its value is its own JSON. */
export function schemaCodec(schema: StandardSchemaV1, field: string): Codec {
  return {
    describe: () => ({ kind: 'schema', vendor: schema['~standard'].vendor }),
    mayBeAbsent: true, // only the schema knows; it is asked with undefined
    parse: (value, issues, reading) => parseSchema(schema, field, value, issues, reading),
    encode: (value) => value as Json,
    decode: (json) => json,
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
  if (reading.stored) checkStorable(schema, field, value, result.value)
  return result.value
}

// A primitive that came back unchanged needs no look; everything else must be JSON and must be accepted again as it is,
// or reading an event and emitting it again would change it.
function checkStorable(schema: StandardSchemaV1, field: string, value: unknown, output: unknown): void {
  if (output === undefined) return
  const found = notJson(output)
  if (found !== undefined) throw fault('DURE_SCHEMA_NOT_STORABLE', { field, found })
  if (output === value || (typeof value === 'object' && sameJson(value as Json, output as Json))) return
  const again = schema['~standard'].validate(output)
  if (again instanceof Promise) throw fault('DURE_SCHEMA_ASYNC', { field })
  if (again.issues !== undefined || !sameJson(again.value as Json, output as Json)) {
    throw fault('DURE_SCHEMA_TRANSFORMS', { field })
  }
}

function notJson(value: unknown): string | undefined {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return undefined
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : String(value)
  if (typeof value !== 'object') return `a ${typeof value}`
  if (Array.isArray(value)) return firstOf(value)
  const prototype = Object.getPrototypeOf(value) as { constructor?: { name?: string } } | null
  if (prototype !== null && prototype !== Object.prototype) {
    return `an instance of ${prototype.constructor?.name ?? 'a class'}`
  }
  return firstOf(Object.values(value).filter((it) => it !== undefined))
}

function firstOf(values: readonly unknown[]): string | undefined {
  for (const it of values) {
    const found = notJson(it)
    if (found !== undefined) return found
  }
  return undefined
}

function pointer(path: StandardSchemaV1.Issue['path']): string {
  if (path === undefined) return ''
  return path.map((it) => `/${String(typeof it === 'object' ? it.key : it)}`).join('')
}
