import { isDureError } from '../kernel/error.ts'
import { fault } from '../kernel/errors/fault.ts'
import {
  Emission,
  Rejection,
  type AggregateDefinition,
  type CommandDefinition,
  type State,
} from './aggregate-definition.ts'
import { checkId } from './fields/ref.ts'
import { nameOf } from './fields/shape.ts'
import { frozen } from './frozen.ts'

/** What a decision may take from outside. */
export interface Circumstances {
  readonly id: string
  readonly now: Date
  readonly newId: () => string
}

/** A yes: what happened, and what the aggregate is after it. `state` is undefined once it has ended. */
export interface Decided {
  readonly events: readonly Emission[]
  readonly state: State | undefined
  readonly ended: boolean
}

/**
 * One decision: pure and synchronous. `state` is undefined exactly for a factory; `input` has been checked by the shape
 * of the command.
 */
export function decide(
  aggregate: AggregateDefinition,
  command: CommandDefinition,
  state: State | undefined,
  input: object,
  circumstances: Circumstances,
): Decided | Rejection {
  const { emit, reject } = aggregate.voice
  const { id, now, newId } = circumstances
  if (command.mode === 'creates') checkId(aggregate.name, id)
  const outcome = run(command, state, input, { emit, reject, id, now, newId })
  if (outcome instanceof Rejection) return outcome
  const events = outcome instanceof Emission ? [outcome] : emissions(command, outcome)
  const decided = apply(aggregate, command, state, events)
  if (decided.state === undefined || events.length === 0) return decided
  for (const it of aggregate.invariants) {
    if (!it.holds(decided.state)) return aggregate.voice.reject(it.rejection, it.data(decided.state))
  }
  return decided
}

// The caller's values were accepted by then: a value that cannot be made in a decision is a mistake of the model, which the
// caller must not be told as one of the input.
function run(command: CommandDefinition, state: State | undefined, input: object, deciding: object): unknown {
  try {
    return command.decide(state, input, deciding)
  } catch (error) {
    if (!isDureError(error, 'DURE_VALUE_INVALID')) throw error
    const found = `nothing: it tried to make a value that is refused. ${error.message}`
    throw fault('DURE_DECISION_INVALID', { command: `${command.aggregate}.${command.name}`, found }, error)
  }
}

function emissions(command: CommandDefinition, outcome: unknown): readonly Emission[] {
  if (Array.isArray(outcome) && outcome.every((it) => it instanceof Emission)) return outcome
  const found = Array.isArray(outcome)
    ? 'a list with something that emit did not make'
    : `${nameOf(outcome)} that neither emit nor reject made`
  throw fault('DURE_DECISION_INVALID', { command: `${command.aggregate}.${command.name}`, found })
}

function apply(
  aggregate: AggregateDefinition,
  command: CommandDefinition,
  before: State | undefined,
  events: readonly Emission[],
): Decided {
  let state = before
  let ended = false
  for (const event of events) {
    if (ended) misplaced(command, `${event.type} after the event that ended the aggregate`)
    if (aggregate.ends.has(event.type)) {
      if (state === undefined) misplaced(command, `${event.type} before any event that starts the aggregate`)
      ended = true
    } else state = step(aggregate, state, event.type, event.data) ?? misplaced(command, whyNot(state, event))
  }
  if (before === undefined && events.length === 0) misplaced(command, 'no event, but a factory must start')
  return { events, state: ended ? undefined : frozen(state), ended }
}

function whyNot(state: State | undefined, event: Emission): string {
  return state === undefined
    ? `${event.type}, which does not start the aggregate`
    : `${event.type}, which starts an aggregate that is there already`
}

function misplaced(command: CommandDefinition, found: string): never {
  throw fault('DURE_DECISION_INVALID', { command: `${command.aggregate}.${command.name}`, found })
}

/** The state after one event, or undefined where the event cannot stand. */
export function step(
  aggregate: AggregateDefinition,
  state: State | undefined,
  type: string,
  data: object,
): State | undefined {
  if (state === undefined) return aggregate.starts.get(type)?.(data)
  return aggregate.evolves.get(type)?.(state, data)
}
