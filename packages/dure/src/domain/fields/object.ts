import type { JsonObject } from '../../kernel/json.ts'
import { dureField, type DureField } from './dure-field.ts'
import type { Fields, InputOf, OutputOf } from './field.ts'
import { shapeOf } from './shape.ts'

/** A plain object inside a field map. */
export interface ObjectField<S> extends DureField<InputOf<S>, OutputOf<S>> {
  readonly fields: S
}

/** A plain object of a field map, for rows and answers: `list(object(Row))`. Name it with `valueObject` where it means something. */
export function object<S extends Fields>(fields: S): ObjectField<S> {
  const shape = shapeOf(fields, 'object(…)')
  return {
    ...dureField<InputOf<S>, OutputOf<S>>({
      describe: () => ({
        kind: 'object',
        fields: Object.fromEntries([...shape.codecs].map(([name, codec]) => [name, codec.describe()])),
      }),
      mayBeAbsent: false,
      parse: (value, issues, reading) => Object.freeze(shape.parse(value, issues, reading)),
      encode: (value) => shape.encode(value as object),
      decode: (json) => Object.freeze(shape.decode(json as JsonObject)),
    }),
    fields,
  }
}
