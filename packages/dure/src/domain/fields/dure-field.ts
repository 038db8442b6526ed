import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { Issue } from '../../kernel/error.ts'
import { asInput, segmentsOf, type Codec } from './codec.ts'

/** Where a field of Dure keeps its codec; outside users see only a Standard Schema. */
export const codecKey: unique symbol = Symbol.for('dure.codec') as never

/** A field of Dure's own: a Standard Schema that Dure can also look into. */
export interface DureField<I, O> extends StandardSchemaV1<I, O> {
  /** @internal */
  readonly [codecKey]: Codec
}

/** Makes a codec a Standard Schema. */
export function dureField<I, O>(codec: Codec): DureField<I, O> {
  return {
    [codecKey]: codec,
    '~standard': {
      version: 1,
      vendor: 'dure',
      validate(value) {
        const issues: Issue[] = []
        const output = codec.parse(value, issues, asInput) as O
        if (issues.length === 0) return { value: output }
        return { issues: issues.map((it) => ({ message: it.message, path: segmentsOf(it.path) })) }
      },
    },
  }
}
