import type { Json } from '../../kernel/json.ts'
import { codecOf } from './codec-of.ts'
import { dureField, type DureField } from './dure-field.ts'
import type { Field, Input, Output } from './field.ts'

/** A field that may be left out. */
export interface OptionalField<F> extends DureField<Input<F> | undefined, Output<F> | undefined> {
  readonly of: F
}

/** Lets a field be left out. `null` is not absence. */
export function optional<F extends Field>(of: F): OptionalField<F> {
  const codec = codecOf(of, 'optional(…)')
  return {
    ...dureField<Input<F> | undefined, Output<F> | undefined>({
      describe: () => ({ kind: 'optional', of: codec.describe() }),
      mayBeAbsent: true,
      parse: (value, issues, reading) =>
        value === undefined ? undefined : codec.parse(value, issues, reading),
      encode: (value) => codec.encode(value),
      decode: (json: Json) => codec.decode(json),
    }),
    of,
  }
}
