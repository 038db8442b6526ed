import type { AnyEvent } from '../domain/event.ts'
import { asStored } from '../domain/fields/codec.ts'
import type { InputOf } from '../domain/fields/field.ts'
import type { Shape } from '../domain/fields/shape.ts'
import type { Issue } from '../kernel/error.ts'
import { fault } from '../kernel/errors/fault.ts'
import { sameJson, type JsonObject } from '../kernel/json.ts'
import type { Publication } from '../model/publish.ts'
import type { Translator } from '../model/translator.ts'
import { ExpectationFailed } from './expectation.ts'
import { encodeSome, shapeOfEvent, stored, throughJson, type Happened } from './happened.ts'
import { only } from './outcome.ts'
import { mustSubscribe, received } from './received.ts'

/** What a mapping made of an event. */
export interface Mapped<D> {
  /** This and nothing else. */
  thenBecomes(data: D): Mapped<D>
  /** It means nothing here. */
  thenNothing(): Mapped<D>
}

/** A mapping about to be given an event. */
export interface GivenMapping<D> {
  when(event: Happened): Mapped<D>
}

/**
 * Begins a test of a translator (an anti-corruption layer).
 *
 * @example
 * givenTranslator(priceOfListing)
 *   .when(happened(Catalog.events.ProductListed, { … }))
 *   .thenBecomes({ product: 'p-1', price: { amount: 500, currency: 'KRW' } })
 */
export function givenTranslator(translator: Translator): GivenMapping<object> {
  const what = `the translator of ${translator.from.name} into ${translator.to.name}`
  return mapping(what, translator.from, translator.translate as Map, shapeOfEvent(translator.to))
}

/** Begins a test of a publication: what the world hears of an inner event. */
export function givenPublication<D>(publication: Publication<D>): GivenMapping<D> {
  return mapping(`the publication of ${publication.from.name}`, publication.from, publication.as as Map)
}

type Map = (event: object, message: object) => unknown

function mapping<D>(what: string, from: AnyEvent, map: Map, shape?: Shape): GivenMapping<D> {
  return {
    when(event) {
      mustSubscribe(what, [from], event)
      const { data, message } = received(event)
      const once = written(what, map(data, message), shape)
      const again = written(what, map(data, message), shape)
      if (!sameJson(once, again)) {
        throw new ExpectationFailed(`${what} is not pure: asked twice, it answered differently`, once, again)
      }
      return new Told(what, once, (it) => written(what, it, shape))
    },
  }
}

function written(what: string, data: unknown, shape: Shape | undefined): JsonObject | undefined {
  if (data === undefined) return undefined
  // A publication does not know its contract; classes and dates tell their JSON themselves, a bigint does not.
  if (shape === undefined) return JSON.parse(JSON.stringify(data, digits)) as JsonObject
  const issues: Issue[] = []
  const values = shape.parse(data, issues, asStored)
  if (issues.length > 0) throw fault('DURE_VALUE_INVALID', { type: `result of ${what}`, issues })
  return throughJson(shape.encode(values))
}

const digits = (_: string, it: unknown): unknown => (typeof it === 'bigint' ? String(it) : it)

class Told {
  readonly #what: string
  readonly #made: JsonObject | undefined
  readonly #write: (data: unknown) => JsonObject | undefined

  constructor(what: string, made: JsonObject | undefined, write: (data: unknown) => JsonObject | undefined) {
    this.#what = what
    this.#made = made
    this.#write = write
  }

  thenBecomes(data: unknown): this {
    const wanted = this.#write(data)
    if (!sameJson(this.#made, wanted)) {
      throw new ExpectationFailed(`${this.#what} made something else`, wanted, this.#made)
    }
    return this
  }

  thenNothing(): this {
    if (this.#made === undefined) return this
    throw new ExpectationFailed(`${this.#what} made something of it`, undefined, this.#made)
  }
}

type DataOf<E> = E extends { readonly fields: infer F } ? InputOf<F> : never

/**
 * Reads an event that an older version of the service stored, through its `.from(…)`.
 *
 * @example
 * givenStored(OrderPlaced, 1, { customer: 'c-1', amount: 1000 }).thenReads({ total: { amount: 1000, currency: 'KRW' } })
 */
export function givenStored<E extends AnyEvent>(
  event: E,
  version: number,
  data: JsonObject,
): {
  /** The current data, of which the fields that are told must match. */ thenReads(
    data: Partial<DataOf<E>>,
  ): void
} {
  const shape = shapeOfEvent(event)
  const read = (): JsonObject => throughJson(shape.encode(received(stored(event, version, data)).data))
  const once = read()
  const again = read()
  if (!sameJson(once, again)) {
    throw new ExpectationFailed(`.from(${version}, …) of ${event.name} is not pure`, once, again)
  }
  return {
    thenReads(expected) {
      const invalid = (issues: readonly Issue[]) => fault('DURE_EVENT_INVALID', { event: event.name, issues })
      const wanted = encodeSome(shape, expected, invalid)
      const found = only(once, wanted)
      if (sameJson(found, wanted)) return
      throw new ExpectationFailed(
        `${event.name} of version ${version} is read as something else`,
        wanted,
        found,
      )
    },
  }
}
