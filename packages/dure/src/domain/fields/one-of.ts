import type { Json } from '../../kernel/json.ts'
import { dureField, type DureField } from './dure-field.ts'

/** One of some words. */
export interface OneOfField<T extends string> extends DureField<T, T> {
  readonly values: readonly T[]
}

/** One of the given words. */
export function oneOf<const T extends string>(...values: readonly T[]): OneOfField<T> {
  const known = new Set<unknown>(values)
  return {
    ...dureField<T, T>({
      describe: () => ({ kind: 'oneOf', values }),
      mayBeAbsent: false,
      parse(value, issues) {
        if (!known.has(value)) issues.push({ path: '', message: `expected one of ${values.join(', ')}` })
        return value
      },
      encode: (value) => value as Json,
      decode: (json) => json,
    }),
    values,
  }
}
