import type { StandardSchemaV1 } from '@standard-schema/spec'
import { fault } from '../../kernel/errors/fault.ts'
import type { Codec } from './codec.ts'
import { codecKey } from './dure-field.ts'
import type { Field } from './field.ts'
import { schemaCodec } from './schema-codec.ts'

/** The codec of any field; `where` names it in errors. */
export function codecOf(field: Field, where: string): Codec {
  const own = (field as unknown as { [codecKey]?: Codec } | undefined)?.[codecKey]
  if (own !== undefined) return own
  const schema = field as Partial<StandardSchemaV1> | undefined
  if (typeof schema?.['~standard']?.validate === 'function')
    return schemaCodec(schema as StandardSchemaV1, where)
  throw fault('DURE_MODEL_INVALID', {
    where,
    reason: 'this is not a field.',
    fix: 'Use a Standard Schema (zod, valibot, arktype…), a field of Dure, or a class made by valueObject or entity.',
  })
}
