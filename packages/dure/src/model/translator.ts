import type { AnyEvent, Event } from '../domain/event.ts'
import type { InputOf, OutputOf } from '../domain/fields/field.ts'
import type { ContractEvent } from './contract.ts'
import type { Message } from './message.ts'

/**
 * An anti-corruption layer for one event (Evans, Domain-Driven Design, ch. 14): turns what an upstream context published
 * into a message in the words of this one, which policies and views then subscribe to. It lives at the edge, never in
 * the domain.
 */
export interface Translator {
  readonly kind: 'translator'
  readonly from: ContractEvent<string, string, unknown>
  readonly to: AnyEvent
  /** The data of the own message, or undefined when the event means nothing here. */
  readonly translate: (event: never, message: Message) => unknown
}

/** Starts a translator: `translate(Catalog.events.ProductListed).into(PriceKnown, (e) => …)`. */
export function translate<X extends string, N extends string, F>(
  from: ContractEvent<X, N, F>,
): {
  into<M extends string, S>(
    to: Event<M, S>,
    map: (event: OutputOf<F>, message: Message) => InputOf<S> | undefined,
  ): Translator
} {
  return { into: (to, map) => ({ kind: 'translator', from, to, translate: map }) }
}
