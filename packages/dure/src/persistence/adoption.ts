import type { Id } from '../kernel/brand.ts'
import { fault } from '../kernel/errors/fault.ts'
import { sameJson } from '../kernel/json.ts'
import type { Aggregate } from '../domain/aggregate.ts'
import { Emission, type AggregateDefinition, type State } from '../domain/aggregate-definition.ts'
import { step } from '../domain/decide.ts'
import type { Deciding, Emitted } from '../domain/decision.ts'
import type { OutputOf } from '../domain/fields/field.ts'
import { frozen } from '../domain/frozen.ts'

/** What an adoption may use besides the state. */
export interface Adopting<N extends string, Ev> {
  /** Id of the row. */
  readonly id: Id<N>
  /** Makes an event; return it. */
  readonly emit: Deciding<N, Ev, {}>['emit']
}

/** Says which events lead to the state of a row that was there before Dure: one that starts, or several, that one first. */
export type AdoptOf<A> =
  A extends Aggregate<infer N, infer S, infer Ev, infer _Rj, infer L, infer _C>
    ? (
        state: OutputOf<S>,
        adopting: Adopting<N, Ev>,
      ) => Emitted<L['starts']> | readonly [Emitted<L['starts']>, ...Emitted<keyof Ev>[]]
    : never

/** @internal As {@link AdoptOf}, at run time. */
export type Adopt = (state: State, adopting: { readonly id: string; readonly emit: object }) => unknown

/**
 * The events that stand for a row that was there before Dure, and the state that they lead to, which is the one given.
 * @throws DURE_MAPPING_INVALID where they lead elsewhere
 */
export function adoptedEvents(
  aggregate: AggregateDefinition,
  adopt: Adopt,
  id: string,
  state: State,
): { readonly events: readonly Emission[]; readonly state: State } {
  const outcome = adopt(state, { id, emit: aggregate.voice.emit })
  const events: readonly unknown[] = Array.isArray(outcome) ? outcome : [outcome]
  if (events.length === 0 || !events.every((it) => it instanceof Emission)) {
    throw invalid(aggregate, 'it returned something that emit did not make.')
  }
  let found: State | undefined
  for (const { type, data } of events) {
    found = step(aggregate, found, type, data)
    if (found === undefined) throw invalid(aggregate, `${type} cannot stand where it returned it.`)
  }
  const reached = found as State
  if (!sameJson(aggregate.state.encode(reached), aggregate.state.encode(state))) {
    throw invalid(aggregate, `its events lead to another state than the row ${id} shows.`)
  }
  return { events, state: frozen(reached) }
}

function invalid({ name }: AggregateDefinition, reason: string): Error {
  return fault('DURE_MAPPING_INVALID', {
    where: `adopt of ${name}`,
    reason,
    fix: 'Return events of the aggregate, one that starts it first, that lead to the state given.',
  })
}
