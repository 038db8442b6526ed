import type { Issue } from '../../kernel/error.ts'
import type { Json, JsonObject } from '../../kernel/json.ts'
import { checkName } from '../../kernel/names.ts'
import { prefixIssues, type Codec, type Reading } from './codec.ts'
import { codecOf } from './codec-of.ts'
import type { Fields } from './field.ts'

type Values = Record<string, unknown>

/** A field map, ready to work. */
export interface Shape {
  readonly fields: Fields
  readonly codecs: ReadonlyMap<string, Codec>
  /** The values of an object, or issues added to the list. */
  parse(input: unknown, issues: Issue[], reading: Reading): Readonly<Values>
  encode(values: object): JsonObject
  decode(json: JsonObject): Readonly<Values>
}

/** Compiles a field map; `where` names it in errors. Reports a wrong field at once. */
export function shapeOf(fields: Fields, where: string): Shape {
  const names = Object.keys(fields)
  const codecs = names.map((name) => {
    checkName(`A field of ${where}`, name)
    return codecOf(fields[name] as Fields[string], `${where}.${name}`)
  })
  const known = new Set(names)
  return {
    fields,
    codecs: new Map(names.map((name, i) => [name, codecs[i] as Codec])),
    parse: (input, issues, reading) => parseFields(names, codecs, known, input, issues, reading),
    encode: (values) =>
      eachField(names, codecs, values as Values, (codec, it) => codec.encode(it)) as JsonObject,
    decode: (json) => eachField(names, codecs, json, (codec, it) => codec.decode(it as Json)),
  }
}

function parseFields(
  names: readonly string[],
  codecs: readonly Codec[],
  known: ReadonlySet<string>,
  input: unknown,
  issues: Issue[],
  reading: Reading,
): Values {
  const out: Values = {}
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    issues.push({ path: '', message: `expected an object, found ${nameOf(input)}` })
    return out
  }
  if (reading.strict) refuseUnknown(known, input, issues)
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as string
    const codec = codecs[i] as Codec
    const value = Object.hasOwn(input, name) ? (input as Values)[name] : undefined
    const before = issues.length
    if (value === undefined && !codec.mayBeAbsent) issues.push({ path: '', message: 'is required' })
    else {
      const parsed = codec.parse(value, issues, reading)
      if (parsed !== undefined) out[name] = parsed
    }
    if (issues.length > before) prefixIssues(issues, before, name)
  }
  return out
}

function refuseUnknown(known: ReadonlySet<string>, input: object, issues: Issue[]): void {
  for (const key of Object.keys(input)) {
    if (known.has(key)) continue
    const allowed = known.size === 0 ? 'none is allowed here' : `known are ${[...known].join(', ')}`
    issues.push({ path: '', message: `unknown field; ${allowed}` })
    prefixIssues(issues, issues.length - 1, key)
  }
}

function eachField(
  names: readonly string[],
  codecs: readonly Codec[],
  from: Values,
  turn: (codec: Codec, value: unknown) => unknown,
): Values {
  const out: Values = {}
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as string
    const value = from[name]
    if (value !== undefined) out[name] = turn(codecs[i] as Codec, value)
  }
  return out
}

/** The kind of a value as a reader of an error message would call it. */
export function nameOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (value === undefined) return 'nothing'
  if (typeof value === 'object') return 'an object'
  return `a ${typeof value}`
}
