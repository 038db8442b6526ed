import type { Id } from '../../kernel/brand.ts'
import { fault } from '../../kernel/errors/fault.ts'
import type { Json } from '../../kernel/json.ts'
import { dureField, type DureField } from './dure-field.ts'

/** A reference to another aggregate, by its id. */
export interface RefField<N extends string> extends DureField<string, Id<N>> {
  readonly to: N
}

/** What is wrong with a text as an id, or undefined: 1 to 200 characters, no control characters, no lone surrogates. */
export function idProblem(id: unknown): string | undefined {
  if (typeof id !== 'string') return 'expected a text'
  if (id.length === 0) return 'it is empty'
  if (id.length > 200) return `it has ${id.length} characters, 200 are allowed`
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(id)) return 'it holds a control character'
  return id.isWellFormed() ? undefined : 'it is not well-formed Unicode'
}

/** @throws DURE_ID_INVALID */
export function checkId(what: string, id: unknown): asserts id is string {
  const reason = idProblem(id)
  if (reason !== undefined) throw fault('DURE_ID_INVALID', { what, id: String(id), reason })
}

/** Refers to an aggregate by its definition, or by name where the definition belongs to another context. */
export function ref<const N extends string>(to: N | { readonly name: N }): RefField<N> {
  const name = typeof to === 'string' ? to : to.name
  return {
    ...dureField<string, Id<N>>({
      describe: () => ({ kind: 'ref', to: name }),
      mayBeAbsent: false,
      parse(value, issues) {
        const problem = idProblem(value)
        if (problem !== undefined) issues.push({ path: '', message: `not an id of ${name}: ${problem}` })
        return value
      },
      encode: (value) => value as Json,
      decode: (json) => json,
    }),
    to: name,
  }
}
