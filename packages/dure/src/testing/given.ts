import type { AnyAggregate } from '../domain/aggregate.ts'
import type { CommandDefinition, State } from '../domain/aggregate-definition.ts'
import type { AnyCommand, FieldsOfCommand } from '../domain/command.ts'
import type { InputOf } from '../domain/fields/field.ts'
import { aggregateDefinition, readInput, type Created, type Loaded } from '../domain/handle.ts'
import { restore } from '../domain/restore.ts'
import { ANONYMOUS, type Caller } from '../kernel/caller.ts'
import { fault } from '../kernel/errors/fault.ts'
import type { World } from '../kernel/world.ts'
import { judge } from '../model/access/judge.ts'
import type { Happened } from './happened.ts'
import { foreign, outcomeOf, type AnyDecision, type Outcome } from './outcome.ts'
import { rehearsed, rehearsedFactories, type Life } from './rehearsal.ts'
import { survive } from './survival.ts'
import { testWorld } from './test-world.ts'

/** Somebody, as far as a test says who: without an actor, nobody who is signed in. */
export type Somebody = Partial<Omit<Caller, 'trusted'>>

type PastOf<A> = A extends { readonly events: infer Ev } ? Happened<keyof Ev & string> : never

/** An aggregate with a past, about to be told something. */
export interface History<A extends AnyAggregate> {
  /** Under another clock or with other ids than those of a fresh `testWorld()`. */
  in(world: World): History<A>
  /** Whether the `allow` of a command lets somebody give it, now that all this has happened. */
  lets<C extends AnyCommand>(who: Somebody, command: C, input?: InputOf<FieldsOfCommand<C>>): boolean
  /** Tells it something; the decision is made twice and must answer the same. */
  when<D extends AnyDecision>(act: (aggregate: Loaded<A>) => D): Outcome<A, D>
}

/** An aggregate that is not there yet, about to be created. */
export interface Nothing<A extends AnyAggregate> {
  /** Under another clock or with other ids than those of a fresh `testWorld()`. */
  in(world: World): Nothing<A>
  /** Whether the `allow` of a factory lets somebody use it. */
  lets<C extends AnyCommand>(who: Somebody, command: C, input?: InputOf<FieldsOfCommand<C>>): boolean
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
    lets: (who: Somebody, command: AnyCommand, input?: unknown) =>
      letsIn(life, restore(life.aggregate, life.id, life.log), who, command, input),
    when: (act: (it: never) => unknown): unknown => {
      if (life.log.length === 0) return outcomeOf(act(rehearsedFactories(life) as never))
      const state = restore(life.aggregate, life.id, life.log)
      if (state !== undefined)
        survive(`The given state of ${life.aggregate.name}`, life.aggregate.state, state)
      return outcomeOf(act(rehearsed(life) as never))
    },
  }
}

/** Whether the aggregate's own `allow` lets somebody give a command; a command without one lets everybody. */
function letsIn(
  { aggregate }: Life,
  state: State | undefined,
  who: Somebody,
  pointed: AnyCommand,
  input: unknown = {},
): boolean {
  const command: CommandDefinition | undefined = aggregate.commands.get(pointed.name)
  if (command === undefined || pointed.aggregate !== aggregate.name) {
    throw fault('DURE_MODEL_INVALID', {
      where: `a test of ${aggregate.name}`,
      reason: `${pointed.aggregate}.${pointed.name} is not one of its commands.`,
      fix: `Point at one of ${[...aggregate.commands.keys()].join(', ')}.`,
    })
  }
  if (command.allow === undefined) return true
  const caller: Caller = { actor: ANONYMOUS, tenant: '', ...who }
  return judge(command.allow, caller, { input: readInput(command, input), owned: state }) === 'yes'
}
