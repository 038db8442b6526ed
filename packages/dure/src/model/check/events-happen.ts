import { definitionOf, type AnyEvent } from '../../domain/event.ts'
import type { ContextDefinition } from '../context.ts'
import { contractsOf, type System } from '../system.ts'
import { finding, type Finding, type Rule } from './finding.ts'
import { promisedEvent } from './places.ts'
import { subscriptionsOf, type Subscription } from './subscriptions.ts'

/** Whatever follows an event follows one that can happen: an event of the own context, or one that a contract promises. */
export const eventsHappen: Rule = function* (system) {
  for (const context of system.contexts) {
    for (const it of subscriptionsOf(context)) {
      if (it.from === undefined) yield* innerEvent(system, context, it.where, it.event, true)
      else yield* publishedEvent(system, it, it.from)
    }
    for (const [name, { from }] of context.events) {
      yield* innerEvent(system, context, `${context.name}, contract event ${name}`, from, false)
    }
  }
}

function* innerEvent(
  system: System,
  context: ContextDefinition,
  where: string,
  event: AnyEvent,
  translated: boolean,
): Generator<Finding> {
  if (hasEvent(context, event)) return
  if (translated && context.translators.some(({ to }) => to === event)) return
  const owner = system.contexts.find((it) => hasEvent(it, event))?.name ?? ''
  yield finding('DURE_CHECK_EVENT', where, { event: event.name, context: context.name, owner })
}

function* publishedEvent(system: System, it: Subscription, from: string): Generator<Finding> {
  const event = it.event.name
  const publisher = contractsOf(system).find(({ name }) => name === from)
  if (publisher === undefined) {
    const known = contractsOf(system).map(({ name }) => name as string)
    yield finding('DURE_CHECK_CONTEXT', it.where, { context: from, what: `The event ${event}`, known })
  } else if (from === it.context.name) {
    yield finding('DURE_CHECK_OWN_EVENT', it.where, { event, context: from })
  } else if (promisedEvent({ contract: publisher }, event) === undefined) {
    const known = Object.keys(publisher.events)
    yield finding('DURE_CHECK_PROMISE', it.where, { what: `event ${event}`, context: from, known })
  }
}

function hasEvent(context: ContextDefinition, event: AnyEvent): boolean {
  const wanted = definitionOf(event)
  return context.aggregates.some((it) => it.definition.events.get(event.name) === wanted)
}
