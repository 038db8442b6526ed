import type { StandardSchemaV1 } from '@standard-schema/spec'
import { sameJson, type Json, type JsonObject } from '../../kernel/json.ts'

/** Why the values of a schema cannot be stored as they are. */
export type StoringProblem =
  | { readonly code: 'DURE_SCHEMA_TRANSFORMS' | 'DURE_SCHEMA_ASYNC' }
  | { readonly code: 'DURE_SCHEMA_NOT_STORABLE'; readonly found: string }

/**
 * What speaks against storing the values of a foreign schema, as far as can be known without its values: by its Standard
 * JSON Schema where it offers one, and by trying values on it. Storing checks each value again.
 */
export function storingProblem(schema: StandardSchemaV1): StoringProblem | undefined {
  return byJsonSchema(schema) ?? byTrying(schema)
}

type Say = (options: { readonly target: string }) => JsonObject

function byJsonSchema(schema: StandardSchemaV1): StoringProblem | undefined {
  const says = (
    schema['~standard'] as { readonly jsonSchema?: { readonly input: Say; readonly output: Say } }
  ).jsonSchema
  if (says === undefined) return undefined
  const input = said(says.input)
  if (input === undefined) return undefined
  const output = said(says.output)
  // zod cannot say what a transform makes, and throws; an input that it can say, without an output, is a transform.
  return output === undefined || !accepts(input, output) ? { code: 'DURE_SCHEMA_TRANSFORMS' } : undefined
}

function said(say: Say): JsonObject | undefined {
  try {
    return say({ target: 'draft-2020-12' })
  } catch {
    return undefined
  }
}

// Only the kinds of values are held against each other: defaults, trimming and narrowing pipes make inputs and outputs
// differ in their details, and are read back as they were written.
function accepts(input: Json | undefined, output: Json | undefined): boolean {
  if (!isObject(input) || !isObject(output)) return true
  const taken = kindsOf(input)
  if (taken !== undefined && !(kindsOf(output) ?? taken).every((it) => taken.includes(it))) return false
  if (!accepts(input.items, output.items)) return false
  const { properties: before } = input
  const { properties: after } = output
  if (!isObject(before) || !isObject(after)) return true
  return Object.keys(before).every((name) => accepts(before[name], after[name]))
}

function kindsOf({ type }: JsonObject): readonly Json[] | undefined {
  if (type === undefined) return undefined
  const kinds: readonly Json[] = Array.isArray(type) ? type : [type]
  return kinds.map((it) => (it === 'integer' ? 'number' : it))
}

function isObject(it: Json | undefined): it is JsonObject {
  return typeof it === 'object' && it !== null && !Array.isArray(it)
}

const jsonTrials: readonly Json[] = [
  '',
  'a',
  'A ',
  '1',
  'true',
  '2026-01-31T09:00:00Z',
  0,
  1,
  -1,
  1.5,
  true,
  false,
  null,
  [],
  {},
]

function byTrying(schema: StandardSchemaV1): StoringProblem | undefined {
  let taken = false
  for (const trial of jsonTrials) {
    const first = attempt(schema, trial)
    if (first === 'async') return { code: 'DURE_SCHEMA_ASYNC' }
    if (first === 'refused') continue
    taken = true
    const found = strangeness(first.value)
    if (found !== undefined) return { code: 'DURE_SCHEMA_NOT_STORABLE', found }
    if (first.value === undefined || sameJson(first.value as Json, trial)) continue
    const again = attempt(schema, first.value)
    if (again === 'async') return { code: 'DURE_SCHEMA_ASYNC' }
    if (again === 'refused' || !sameJson(again.value as Json, first.value as Json)) {
      return { code: 'DURE_SCHEMA_TRANSFORMS' }
    }
  }
  return taken ? undefined : bySomethingElse(schema)
}

// A schema that takes nothing of JSON may take what JSON cannot hold.
function bySomethingElse(schema: StandardSchemaV1): StoringProblem | undefined {
  for (const trial of [new Date(0), 1n, new Uint8Array(1), new Map(), new Set()]) {
    const it = attempt(schema, trial)
    if (it === 'async') return { code: 'DURE_SCHEMA_ASYNC' }
    if (it === 'refused') continue
    const found = strangeness(it.value)
    if (found !== undefined) return { code: 'DURE_SCHEMA_NOT_STORABLE', found }
  }
  return undefined
}

function attempt(
  schema: StandardSchemaV1,
  value: unknown,
): { readonly value: unknown } | 'refused' | 'async' {
  try {
    const result = schema['~standard'].validate(value)
    if (result instanceof Promise) {
      result.catch(() => undefined)
      return 'async'
    }
    return result.issues === undefined ? { value: result.value } : 'refused'
  } catch {
    return 'refused' // a refinement that throws at a value it did not expect
  }
}

function strangeness(value: unknown): string | undefined {
  if (typeof value === 'bigint' || typeof value === 'symbol' || typeof value === 'function')
    return `a ${typeof value}`
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const prototype = Object.getPrototypeOf(value) as { constructor?: { name?: string } } | null
  if (prototype === null || prototype === Object.prototype) return undefined
  return `an instance of ${prototype.constructor?.name ?? 'a class'}`
}
