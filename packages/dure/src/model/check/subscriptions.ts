import type { AnyEvent } from '../../domain/event.ts'
import type { ContextDefinition } from '../context.ts'
import { publisherOf } from '../contract.ts'

/** Something of a context that follows an event. */
export interface Subscription {
  readonly context: ContextDefinition
  /** `Inventory, policy "reserve stock"`. */
  readonly where: string
  readonly event: AnyEvent
  /** The context whose contract has the event; undefined for an event from inside. */
  readonly from: string | undefined
  readonly by: 'policy' | 'view' | 'translator'
}

/** Every subscription of a context, in the order of the source. */
export function* subscriptionsOf(context: ContextDefinition): Generator<Subscription> {
  const { name } = context
  for (const { definition: it } of context.policies) {
    yield { context, where: `${name}, policy "${it.name}"`, event: it.event, from: it.from, by: 'policy' }
  }
  for (const { definition: it } of context.views) {
    for (const { event, from } of it.subscriptions) {
      yield { context, where: `${name}, view ${it.name}`, event, from, by: 'view' }
    }
  }
  for (const { from: event, to } of context.translators) {
    const where = `${name}, translator into ${to.name}`
    const published = event as unknown as AnyEvent
    yield { context, where, event: published, from: publisherOf(published), by: 'translator' }
  }
}
