import { asStored } from '../domain/fields/codec.ts'
import type { InputOf, OutputOf } from '../domain/fields/field.ts'
import { frozen } from '../domain/frozen.ts'
import type { Issue } from '../kernel/error.ts'
import { fault } from '../kernel/errors/fault.ts'
import { sameJson, type JsonObject } from '../kernel/json.ts'
import type { AnyView, ViewDefinition } from '../model/view.ts'
import { ExpectationFailed } from './expectation.ts'
import { encodeSome, throughJson, type Happened } from './happened.ts'
import { only } from './outcome.ts'
import { mustSubscribe, received } from './received.ts'

type RowInput<V> = V extends { readonly row: infer S } ? InputOf<S> : never
type RowOutput<V> = V extends { readonly row: infer S } ? OutputOf<S> : never

/** The rows of a view after some events, and what a test may say about them. */
export interface GivenRows<V extends AnyView> {
  /** Exactly these rows, in any order. */
  thenRows(...rows: readonly RowInput<V>[]): GivenRows<V>
  /** The row of this key, of which the fields that are told must match. */
  thenRow(key: string, row: Partial<RowInput<V>>): GivenRows<V>
  /** There is no row of this key. */
  thenNoRow(key: string): GivenRows<V>
  /** The rows themselves, by key. */
  readonly rows: ReadonlyMap<string, RowOutput<V>>
}

/**
 * Folds events into the rows of a view, as every store does: row by row, through JSON, twice. Events of different
 * aggregates are told apart by the id said about them.
 *
 * @example
 * givenView(OrderList, happened(OrderPlaced, { … }, { id: 'o-1' }), happened(OrderApproved, {}, { id: 'o-1' }))
 *   .thenRows({ id: 'o-1', status: 'approved', total: 1000 })
 */
export function givenView<V extends AnyView>(view: V, ...events: readonly Happened[]): GivenRows<V> {
  const definition = view.definition
  const known = definition.subscriptions.map((it) => it.event)
  for (const it of events) mustSubscribe(`the view ${definition.name}`, known, it)
  const rows = fold(definition, events)
  const again = fold(definition, events)
  if (!sameJson(Object.fromEntries(rows), Object.fromEntries(again))) {
    throw new ExpectationFailed(
      `the view ${definition.name} is not pure: folded twice, its rows differ`,
      rows,
      again,
    )
  }
  return new Rows(definition, rows) as unknown as GivenRows<V>
}

type Stored = ReadonlyMap<string, JsonObject>

function fold(view: ViewDefinition, events: readonly Happened[]): Stored {
  const rows = new Map<string, JsonObject>()
  const versions = new Map<string, number>()
  for (const it of events) {
    const version = (versions.get(it.about.id ?? '') ?? 0) + 1
    versions.set(it.about.id ?? '', version)
    foldOne(view, rows, it, version)
  }
  return rows
}

function foldOne(view: ViewDefinition, rows: Map<string, JsonObject>, it: Happened, version: number): void {
  const { data, message } = received(it, version)
  for (const subscription of view.subscriptions) {
    if (subscription.event !== it.event) continue
    const key = subscription.key(data, message)
    if (key === undefined) continue
    const before = rows.get(key)
    const after = subscription.fold(before && frozen(view.shape.decode(before)), data, message)
    if (after === null) rows.delete(key)
    else if (after !== undefined) rows.set(key, rowOf(view, key, after))
  }
}

function rowOf(view: ViewDefinition, key: string, row: object): JsonObject {
  const issues: Issue[] = []
  const values = view.shape.parse(row, issues, asStored)
  if (issues.length === 0 && values[view.keyField] !== key) {
    issues.push({ path: `/${view.keyField}`, message: `is not the key ${key} that the row is folded under` })
  }
  if (issues.length > 0) throw fault('DURE_VALUE_INVALID', { type: `row of view ${view.name}`, issues })
  return throughJson(view.shape.encode(values))
}

class Rows {
  readonly #view: ViewDefinition
  readonly #rows: Stored

  constructor(view: ViewDefinition, rows: Stored) {
    this.#view = view
    this.#rows = rows
  }

  get rows(): ReadonlyMap<string, object> {
    return new Map([...this.#rows].map(([key, row]) => [key, this.#view.shape.decode(row)]))
  }

  thenRows(...rows: readonly object[]): this {
    const wanted = Object.fromEntries(rows.map((row) => this.#keyed(row)))
    const found = Object.fromEntries(this.#rows)
    if (!sameJson(found, wanted)) {
      throw new ExpectationFailed(`the view ${this.#view.name} has other rows`, wanted, found)
    }
    return this
  }

  thenRow(key: string, row: object): this {
    const invalid = (issues: readonly Issue[]) =>
      fault('DURE_VALUE_INVALID', { type: `row of view ${this.#view.name}`, issues })
    const wanted = encodeSome(this.#view.shape, row, invalid)
    const all = this.#rows.get(key)
    const found = all && only(all, wanted)
    if (found === undefined || !sameJson(found, wanted)) {
      throw new ExpectationFailed(`the row ${key} of ${this.#view.name} is another`, wanted, found)
    }
    return this
  }

  thenNoRow(key: string): this {
    const found = this.#rows.get(key)
    if (found === undefined) return this
    throw new ExpectationFailed(`${this.#view.name} has a row ${key}`, undefined, found)
  }

  #keyed(row: object): readonly [string, JsonObject] {
    const key = String((row as Record<string, unknown>)[this.#view.keyField])
    return [key, rowOf(this.#view, key, row)]
  }
}
