import { domainClass, type Rules } from './domain-class.ts'
import { sameValue } from './equality.ts'
import type { Fields, InputOf, OutputOf } from './fields/field.ts'

/** What every value object can do. */
export interface ValueMethods<S> {
  /** By value: every field the same. */
  equals(other: this): boolean
  /** A new value with some fields changed, checked again. */
  with(changes: Partial<InputOf<S>>): this
}

/** The class that `valueObject` makes; extend it to add behaviour. */
export interface ValueObjectClass<N extends string, S extends Fields> {
  /** @throws DURE_VALUE_INVALID with every issue, when a field or a rule refuses. */
  new (input: InputOf<S>): OutputOf<S> & ValueMethods<S>
  readonly domainName: N
  readonly fields: S
}

/**
 * A value object: a value without identity, immutable, equal by value (Evans, Domain-Driven Design, ch. 5).
 *
 * @example
 * class Money extends valueObject('Money', { amount: z.int(), currency: oneOf('KRW', 'USD') }) {
 *   times(n: number): Money { return this.with({ amount: this.amount * n }) }
 * }
 */
export function valueObject<const N extends string, S extends Fields>(
  name: N,
  fields: S,
  rules: Rules<S> = {},
): ValueObjectClass<N, S> {
  const made = class extends domainClass('value', name, fields, rules) {
    equals(other: unknown): boolean {
      return sameValue(this, other)
    }
  }
  return made as unknown as ValueObjectClass<N, S>
}
