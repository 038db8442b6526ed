import type { Issue } from '../../kernel/error.ts'
import type { Json } from '../../kernel/json.ts'
import { prefixIssues, type Codec, type Reading } from './codec.ts'
import { codecOf } from './codec-of.ts'
import { dureField, type DureField } from './dure-field.ts'
import type { Field, Input, Output } from './field.ts'
import { nameOf } from './shape.ts'

/** A list of values of one field. */
export interface ListField<F> extends DureField<readonly Input<F>[], readonly Output<F>[]> {
  readonly of: F
}

/** A list; its length may be bounded, both ends included. */
export function list<F extends Field>(of: F, bounds: { min?: number; max?: number } = {}): ListField<F> {
  const codec = codecOf(of, 'list(…)')
  const own: Codec = {
    describe: () => ({ kind: 'list', of: codec.describe() }),
    mayBeAbsent: false,
    parse: (value, issues, reading) => parseList(codec, bounds, value, issues, reading),
    encode: (value) => (value as unknown[]).map((it) => codec.encode(it)),
    decode: (json) => Object.freeze((json as Json[]).map((it) => codec.decode(it))),
  }
  return { ...dureField<readonly Input<F>[], readonly Output<F>[]>(own), of }
}

function parseList(
  codec: Codec,
  bounds: { min?: number; max?: number },
  value: unknown,
  issues: Issue[],
  reading: Reading,
): unknown {
  if (!Array.isArray(value)) {
    issues.push({ path: '', message: `expected a list, found ${nameOf(value)}` })
    return undefined
  }
  const { min = 0, max = Infinity } = bounds
  if (value.length < min)
    issues.push({ path: '', message: `expected at least ${min}, found ${value.length}` })
  if (value.length > max) {
    issues.push({ path: '', message: `expected at most ${max}, found ${value.length}` })
    return undefined
  }
  const out: unknown[] = []
  for (let i = 0; i < value.length; i++) {
    const before = issues.length
    const parsed = codec.parse(value[i], issues, reading)
    // JSON would write null for it.
    if (parsed === undefined && issues.length === before) issues.push({ path: '', message: 'is required' })
    out.push(parsed)
    if (issues.length > before) prefixIssues(issues, before, i)
  }
  return Object.freeze(out)
}
