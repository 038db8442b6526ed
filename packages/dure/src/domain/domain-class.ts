import type { Issue } from '../kernel/error.ts'
import { fault } from '../kernel/errors/fault.ts'
import type { Json, JsonObject } from '../kernel/json.ts'
import { checkName } from '../kernel/names.ts'
import { asStored, asValue, type Codec, type Reading } from './fields/codec.ts'
import { codecKey } from './fields/dure-field.ts'
import type { DomainClass, Fields, OutputOf } from './fields/field.ts'
import { nameOf, shapeOf, type Shape } from './fields/shape.ts'

/** Sentences that must hold over the fields together, each with its test: `{ 'from is not after to': (p) => p.from <= p.to }`. */
export interface Rules<S extends Fields> {
  readonly [sentence: string]: (values: OutputOf<S>) => boolean
}

type AnyRules = Readonly<Record<string, (values: never) => boolean>>

/** What `valueObject` and `entity` have in common: a class whose instances are frozen and hold checked values. */
export function domainClass(kind: 'value' | 'entity', name: string, fields: Fields, rules: AnyRules) {
  checkName(kind === 'value' ? 'A value object' : 'An entity', name)
  const shape = shapeOf(fields, name)
  for (const field of Object.keys(fields)) {
    if (methods.has(field)) throw fault('DURE_MODEL_NAME', { what: `A field of ${name}`, name: field })
  }
  return class DomainValue {
    static readonly fields: Fields = fields
    static readonly domainName: string = name

    constructor(input: unknown) {
      Object.assign(this, check(name, shape, rules, input))
      Object.freeze(this)
    }

    // Read through the subclass, so that parsing makes instances of the class the user wrote.
    static get [codecKey](): Codec {
      return codecs.get(this) ?? remember(this, classCodec(kind, name, shape, rules, this))
    }

    with(changes: object): this {
      const issues: Issue[] = []
      const values = shape.change(this, changes, issues, asValue)
      if (issues.length === 0) checkRules(rules, values, issues)
      if (issues.length > 0) throw fault('DURE_VALUE_INVALID', { type: name, issues })
      return made(Object.getPrototypeOf(this) as this, values)
    }
  }
}

// A subclass may have a constructor that takes what its users find natural; Dure makes instances past it.
function made<T extends object>(prototype: T, values: object): T {
  return Object.freeze(Object.assign(Object.create(prototype) as T, values))
}

// What every value object or entity can do already.
const methods = new Set(['with', 'equals', 'is'])

const codecs = new WeakMap<object, Codec>()

function remember(owner: object, codec: Codec): Codec {
  codecs.set(owner, codec)
  return codec
}

function check(name: string, shape: Shape, rules: AnyRules, input: unknown): object {
  const issues: Issue[] = []
  const values = parseRuled(shape, rules, input, issues, asValue)
  if (issues.length > 0) throw fault('DURE_VALUE_INVALID', { type: name, issues })
  return values
}

function parseRuled(
  shape: Shape,
  rules: AnyRules,
  input: unknown,
  issues: Issue[],
  reading: Reading,
): object {
  const before = issues.length
  const values = shape.parse(input, issues, reading)
  if (issues.length === before) checkRules(rules, values, issues)
  return values
}

function checkRules(rules: AnyRules, values: object, issues: Issue[]): void {
  for (const sentence of Object.keys(rules)) {
    if (!(rules[sentence] as (values: object) => boolean)(values))
      issues.push({ path: '', message: sentence })
  }
}

function classCodec(
  kind: 'value' | 'entity',
  name: string,
  shape: Shape,
  rules: AnyRules,
  type: Function,
): Codec {
  const prototype = type.prototype as object
  return {
    describe: () => ({ kind, name }),
    mayBeAbsent: false,
    parse(value, issues, reading) {
      if (value instanceof type) return value
      if (typeof value !== 'object' || value === null) {
        issues.push({ path: '', message: `expected ${name}, found ${nameOf(value)}` })
        return undefined
      }
      const before = issues.length
      // Also from an input: what is an instance once is taken for storable ever after.
      const values = parseRuled(shape, rules, value, issues, reading.strict ? asValue : asStored)
      return issues.length > before ? undefined : made(prototype, values)
    },
    encode: (value) => shape.encode(value as object),
    decode: (json: Json) =>
      Object.freeze(shape.decodeInto(Object.create(prototype) as object, json as JsonObject)),
  }
}

/** The name and shape behind a class made by `valueObject` or `entity`. */
export function describeClass(type: DomainClass): { name: string; fields: Fields } {
  return { name: (type as unknown as { domainName: string }).domainName, fields: type.fields }
}
