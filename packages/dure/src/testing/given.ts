import type { AnyAggregate } from '../domain/aggregate.ts'
import { aggregateDefinition, type Created, type Loaded } from '../domain/handle.ts'
import { restore } from '../domain/restore.ts'
import type { World } from '../kernel/world.ts'
import type { Happened } from './happened.ts'
import { foreign, outcomeOf, type AnyDecision, type Outcome } from './outcome.ts'
import { rehearsed, rehearsedFactories, type Life } from './rehearsal.ts'
import { survive } from './survival.ts'
import { testWorld } from './test-world.ts'

type PastOf<A> = A extends { readonly events: infer Ev } ? Happened<keyof Ev & string> : never

/** An aggregate with a past, about to be told something. */
export interface History<A extends AnyAggregate> {
  /** Under another clock or with other ids than those of a fresh `testWorld()`. */
  in(world: World): History<A>
  /** Tells it something; the decision is made twice and must answer the same. */
  when<D extends AnyDecision>(act: (aggregate: Loaded<A>) => D): Outcome<A, D>
}

/** An aggregate that is not there yet, about to be created. */
export interface Nothing<A extends AnyAggregate> {
  /** Under another clock or with other ids than those of a fresh `testWorld()`. */
  in(world: World): Nothing<A>
  /** Creates it by one of its factories; the decision is made twice and must answer the same. */
  when<D extends AnyDecision>(act: (factories: Created<A>) => D): Outcome<A, D>
}

/**
 * Begins a test of an aggregate: what happened before. Events go through JSON and the upcasters as in a store, decisions
 * are made twice, and the state is folded again, so what is impure or cannot be stored fails here.
 *
 * @example
 * given(Order, happened(OrderPlaced, { customer: 'c-1', lines, shipTo, total }))
 *   .when((order) => order.approve())
 *   .thenEvents(happened(OrderApproved))
 *   .thenState({ status: 'approved' })
 */
export function given<A extends AnyAggregate, const P extends readonly PastOf<A>[]>(
  aggregate: A,
  ...past: P
): P extends readonly [] ? Nothing<A> : History<A> {
  const definition = aggregateDefinition(aggregate)
  const id = past.find((it) => it.about.id !== undefined)?.about.id ?? `${definition.name}-1`
  const log = past.map((it, i) => {
    if (definition.events.get(it.type) !== (it.event as unknown)) throw foreign(definition.name, it)
    return { type: it.type, schema: it.schema, data: it.data, position: i + 1 }
  })
  return begin({ aggregate: definition, id, log, world: testWorld() }) as never
}

function begin(life: Life): object {
  return {
    in: (world: World) => begin({ ...life, world }),
    when: (act: (it: never) => unknown): unknown => {
      if (life.log.length === 0) return outcomeOf(act(rehearsedFactories(life) as never))
      const state = restore(life.aggregate, life.id, life.log)
      if (state !== undefined)
        survive(`The given state of ${life.aggregate.name}`, life.aggregate.state, state)
      return outcomeOf(act(rehearsed(life) as never))
    },
  }
}
