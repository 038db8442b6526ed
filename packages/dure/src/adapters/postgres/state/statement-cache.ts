import { type Row, type Statement, statement } from '../statement.ts'

/** Statements whose text depends on which parts they have, each made once. */
export class StatementCache<R extends Row> {
  readonly #made = new Map<string, Statement<R>>()

  get(key: string, make: () => string): Statement<R> {
    let found = this.#made.get(key)
    if (found === undefined) this.#made.set(key, (found = statement(make())))
    return found
  }
}

/** Hands out parameters from number `first` on, in the order of their values. */
export type Bind = () => string

export function binding(first: number): Bind {
  let next = first
  return () => `$${next++}`
}
