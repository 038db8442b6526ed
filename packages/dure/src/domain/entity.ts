import { fault } from '../kernel/errors/fault.ts'
import { domainClass, type Rules } from './domain-class.ts'
import { sameValue } from './equality.ts'
import type { Fields, InputOf, OutputOf } from './fields/field.ts'

/** What every entity can do. */
export interface EntityMethods<S> {
  /** By identity: the same key, whatever else differs. */
  is(other: this): boolean
  /** The same entity with some fields changed, checked again. */
  with(changes: Partial<InputOf<S>>): this
}

/** The class that `entity` makes; extend it to add behaviour. */
export interface EntityClass<N extends string, K extends string, S extends Fields> {
  /** @throws DURE_VALUE_INVALID with every issue, when a field or a rule refuses. */
  new (input: InputOf<S>): OutputOf<S> & EntityMethods<S>
  readonly domainName: N
  readonly key: K
  readonly fields: S
}

/**
 * An entity inside an aggregate: it has an identity, the field named by `key`, that stays while the rest changes (Evans,
 * Domain-Driven Design, ch. 5). The root of an aggregate is declared with `aggregate`.
 */
export function entity<const N extends string, S extends Fields, const K extends keyof S & string>(
  name: N,
  key: K,
  fields: S,
  rules: Rules<S> = {},
): EntityClass<N, K, S> {
  if (!Object.hasOwn(fields, key)) {
    throw fault('DURE_MODEL_INVALID', {
      where: name,
      reason: `its identity ${key} is not one of its fields.`,
      fix: `Add the field ${key}, or name the one that identifies it.`,
    })
  }
  const made = class extends domainClass('entity', name, fields, rules) {
    static readonly key: string = key

    is(other: unknown): boolean {
      return other instanceof made && sameValue(valueOf(this, key), valueOf(other, key))
    }
  }
  return made as unknown as EntityClass<N, K, S>
}

function valueOf(it: object, key: string): unknown {
  return (it as Record<string, unknown>)[key]
}
