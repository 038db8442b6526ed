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
  /** Values with some of them changed: only those are parsed, the others have been. */
  change(values: object, changes: object, issues: Issue[], reading: Reading): Readonly<Values>
  encode(values: object): JsonObject
  decode(json: JsonObject): Readonly<Values>
  /** As `decode`, into an object that is there. */
  decodeInto<T extends object>(out: T, json: JsonObject): T
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
    change(values, changes, issues, reading) {
      refuseUnknown(known, changes, issues)
      const out: Values = {}
      for (let i = 0; i < names.length; i++) {
        const name = names[i] as string
        const before = issues.length
        const value = Object.hasOwn(changes, name)
          ? parseField(codecs[i] as Codec, (changes as Values)[name], issues, reading)
          : (values as Values)[name]
        if (value !== undefined) out[name] = value
        if (issues.length > before) prefixIssues(issues, before, name)
      }
      return out
    },
    encode(values) {
      const out: Record<string, Json> = {}
      for (let i = 0; i < names.length; i++) {
        const name = names[i] as string
        const value = (values as Values)[name]
        if (value !== undefined) out[name] = (codecs[i] as Codec).encode(value)
      }
      return out
    },
    decode: (json) => decodeInto({}, json),
    decodeInto,
  }

  function decodeInto<T extends object>(out: T, json: JsonObject): T {
    for (let i = 0; i < names.length; i++) {
      const name = names[i] as string
      const value = json[name]
      if (value !== undefined) (out as Values)[name] = (codecs[i] as Codec).decode(value)
    }
    return out
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
    const parsed = parseField(codec, value, issues, reading)
    if (parsed !== undefined) out[name] = parsed
    if (issues.length > before) prefixIssues(issues, before, name)
  }
  return out
}

function parseField(codec: Codec, value: unknown, issues: Issue[], reading: Reading): unknown {
  if (value !== undefined || codec.mayBeAbsent) return codec.parse(value, issues, reading)
  issues.push({ path: '', message: 'is required' })
  return undefined
}

function refuseUnknown(known: ReadonlySet<string>, input: object, issues: Issue[]): void {
  for (const key of Object.keys(input)) {
    if (known.has(key)) continue
    const allowed = known.size === 0 ? 'none is allowed here' : `known are ${[...known].join(', ')}`
    issues.push({ path: '', message: `unknown field; ${allowed}` })
    prefixIssues(issues, issues.length - 1, key)
  }
}

/** The kind of a value as a reader of an error message would call it. */
export function nameOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (value === undefined) return 'nothing'
  if (typeof value === 'object') return 'an object'
  return `a ${typeof value}`
}
