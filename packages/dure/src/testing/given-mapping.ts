import type { AnyEvent } from '../domain/event.ts'
import { asStored, type Reading } from '../domain/fields/codec.ts'
import type { Shape } from '../domain/fields/shape.ts'
import type { Issue } from '../kernel/error.ts'
import { fault } from '../kernel/errors/fault.ts'
import { sameJson, type JsonObject } from '../kernel/json.ts'
import type { Publication } from '../model/publish.ts'
import type { Translator } from '../model/translator.ts'
import { ExpectationFailed } from './expectation.ts'
import { asWritten, shapeOfEvent, throughJson, type eventBrand, type Happened } from './happened.ts'
import type { Plain } from './plain.ts'
import { mustSubscribe, received } from './received.ts'

/** Data in the words of a test; an event, as `happened(…)` makes it, is none. */
interface NoEvent {
  readonly [eventBrand]?: 'thenBecomes takes the data itself, not happened(…)'
}

/** What a mapping made of an event. */
export interface Mapped<D> {
  /** This and nothing else: the data itself, without `happened(…)`. */
  thenBecomes(data: D & NoEvent): Mapped<D>
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
export function givenTranslator(translator: Translator): GivenMapping<{ readonly [field: string]: unknown }> {
  const what = `the translator of ${translator.from.name} into ${translator.to.name}`
  return mapping(what, translator.from, translator.translate as Map, shapeOfEvent(translator.to))
}

/** Begins a test of a publication: what the world hears of an inner event. */
export function givenPublication<D>(publication: Publication<D>): GivenMapping<Plain<D>> {
  return mapping(`the publication of ${publication.from.name}`, publication.from, publication.as as Map)
}

type Map = (event: object, message: object) => unknown

function mapping<D>(what: string, from: AnyEvent, map: Map, shape?: Shape): GivenMapping<D> {
  return {
    when(event) {
      mustSubscribe(what, [from], event)
      const { data, message } = received(event)
      const once = made(what, map(data, message), shape)
      const again = made(what, map(data, message), shape)
      if (!sameJson(once, again)) {
        throw new ExpectationFailed(`${what} is not pure: asked twice, it answered differently`, once, again)
      }
      return new Told(what, once, shape)
    },
  }
}

function made(what: string, data: unknown, shape: Shape | undefined): JsonObject | undefined {
  if (data === undefined) return undefined
  return written(data, shape, asStored, (issues) =>
    fault('DURE_VALUE_INVALID', { type: `result of ${what}`, issues }),
  )
}

function written(
  data: unknown,
  shape: Shape | undefined,
  reading: Reading,
  refused: (issues: readonly Issue[]) => Error,
): JsonObject {
  // A publication does not know its contract; classes and dates tell their JSON themselves, a bigint does not.
  if (shape === undefined) return JSON.parse(JSON.stringify(data, digits)) as JsonObject
  const issues: Issue[] = []
  const values = shape.parse(data, issues, reading)
  if (issues.length > 0) throw refused(issues)
  return throughJson(shape.encode(values))
}

const digits = (_: string, it: unknown): unknown => (typeof it === 'bigint' ? String(it) : it)

class Told {
  readonly #what: string
  readonly #made: JsonObject | undefined
  readonly #shape: Shape | undefined

  constructor(what: string, made: JsonObject | undefined, shape: Shape | undefined) {
    this.#what = what
    this.#made = made
    this.#shape = shape
  }

  thenBecomes(data: unknown): this {
    const wanted = written(data, this.#shape, asWritten, (issues) => this.#unfit(issues))
    if (!sameJson(this.#made, wanted)) {
      throw new ExpectationFailed(`${this.#what} made something else`, wanted, this.#made)
    }
    return this
  }

  thenNothing(): this {
    if (this.#made === undefined) return this
    throw new ExpectationFailed(`${this.#what} made something of it`, undefined, this.#made)
  }

  #unfit(issues: readonly Issue[]): Error {
    const all = issues.map((it) => `${it.path || '/'} ${it.message}`).join('; ')
    return new ExpectationFailed(
      `the expectation given to thenBecomes(…) is wrong, not ${this.#what}: ${all}. It takes the data alone.`,
      [],
      issues,
    )
  }
}
