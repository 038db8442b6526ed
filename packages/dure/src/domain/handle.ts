import type { Id } from '../kernel/brand.ts'
import type { Issue } from '../kernel/error.ts'
import { fault } from '../kernel/errors/fault.ts'
import type { Aggregate, AnyAggregate } from './aggregate.ts'
import {
  Rejection,
  type AggregateDefinition,
  type CommandDefinition,
  type Emission,
  type State,
} from './aggregate-definition.ts'
import { decide, type Circumstances } from './decide.ts'
import type { DataOf, EventData, RejectionOf } from './decision.ts'
import { asInput } from './fields/codec.ts'
import type { InputOf, OutputOf } from './fields/field.ts'

type Args<F> = {} extends InputOf<F> ? [input?: InputOf<F>] : [input: InputOf<F>]
type EventsOf<Ev, E extends keyof Ev> = { [K in E]: EventData<K, DataOf<Ev, K>> }[E]

/** The answer of an aggregate to a command: what happened and the handle after it, or its no. Nothing is stored yet. */
export type Decision<Ev, Rj, E, R, H> =
  | { readonly ok: true; readonly events: readonly EventsOf<Ev, E & keyof Ev>[]; readonly next: H }
  | RejectionOf<Rj, R & keyof Rj>

/** An aggregate as loaded: immutable, with a method per command that changes it. */
export type Loaded<A> =
  A extends Aggregate<infer N, infer S, infer Ev, infer Rj, infer _L, infer C>
    ? {
        readonly id: Id<N>
        /** Number of events so far, those decided but not saved included. */
        readonly version: number
        readonly state: OutputOf<S>
      } & {
        readonly [X in Extract<C, { readonly mode: 'changes' }> as X['name']]: (
          ...args: Args<X['fields']>
        ) => Decision<Ev, Rj, X['emits'], X['rejects'], Loaded<A>>
      }
    : never

/** A method per factory: makes a new aggregate, stored by `save`. */
export type Created<A> =
  A extends Aggregate<infer _N, infer _S, infer Ev, infer Rj, infer _L, infer C>
    ? {
        readonly [X in Extract<C, { readonly mode: 'creates' }> as X['name']]: (
          ...args: Args<X['fields']>
        ) => Decision<Ev, Rj, X['emits'], X['rejects'], Loaded<A>>
      }
    : never

/** What a handle carries besides what its user sees. */
export interface HandleInside {
  readonly aggregate: AggregateDefinition
  readonly world: Pick<Circumstances, 'newId'> & { now(): Date }
  /** Decided since the load, oldest first. */
  readonly pending: readonly Emission[]
  readonly ended: boolean
  /** What the repository that loaded it knows of it; only that repository looks into it. */
  readonly origin?: unknown
}

const inside: unique symbol = Symbol('dure.handle')

interface Handle {
  readonly id: string
  readonly version: number
  readonly state: State | undefined
  readonly [inside]: HandleInside
}

/** What was decided on a handle since it was loaded. */
export function insideOf(handle: unknown): Handle & HandleInside {
  const it = handle as Handle | undefined
  if (it?.[inside] === undefined) {
    throw fault('DURE_MODEL_INVALID', {
      where: 'repository',
      reason: 'it was given something that neither load nor a command made.',
      fix: 'Pass the handle that load returned, or `next` of a decision.',
    })
  }
  return { id: it.id, version: it.version, state: it.state, ...it[inside] } as Handle & HandleInside
}

// One prototype per aggregate, so that a load allocates one object and no closures.
const prototypes = new WeakMap<AggregateDefinition, object>()

function prototypeOf(aggregate: AggregateDefinition): object {
  const known = prototypes.get(aggregate)
  if (known !== undefined) return known
  const made: Record<string, unknown> = {}
  for (const command of aggregate.commands.values()) {
    if (command.mode === 'creates') continue
    made[command.name] = function (this: Handle, input: unknown = {}) {
      return run(this, command, input)
    }
  }
  prototypes.set(aggregate, made)
  return made
}

/** Makes the immutable handle of an aggregate at a version. */
export function handleOf(
  id: string,
  version: number,
  state: State | undefined,
  within: HandleInside,
): object {
  const handle = Object.create(prototypeOf(within.aggregate)) as object
  Object.defineProperty(handle, inside, { value: within })
  return Object.freeze(Object.assign(handle, { id, version, state }))
}

/** Runs a command on a handle; the application checks the input at its edge, here the caller is the edge. */
function run(handle: Handle, command: CommandDefinition, input: unknown): object {
  const { aggregate, world, ended } = handle[inside]
  if (ended) throw fault('DURE_AGGREGATE_ENDED', { aggregate: aggregate.name, id: handle.id })
  return decideOn(handle, command, readInput(command, input), world)
}

function decideOn(
  handle: Handle,
  command: CommandDefinition,
  input: object,
  world: HandleInside['world'],
): object {
  const { aggregate, pending, origin } = handle[inside]
  const { id, state, version } = handle
  const circumstances = { id, now: world.now(), newId: () => world.newId() }
  const decided = decide(aggregate, command, state, input, circumstances)
  if (decided instanceof Rejection) return { ok: false, rejected: decided.rejected, data: decided.data }
  const next = handleOf(id, version + decided.events.length, decided.state, {
    aggregate,
    world,
    pending: [...pending, ...decided.events],
    ended: decided.ended,
    origin,
  })
  return { ok: true, events: decided.events.map(({ type, data }) => ({ type, data })), next }
}

/** Runs a factory: the decision about an aggregate that does not exist yet. */
export function create(
  aggregate: AggregateDefinition,
  command: CommandDefinition,
  input: unknown,
  world: HandleInside['world'],
): object {
  const values = readInput(command, input)
  const id = command.id?.(values) ?? world.newId()
  const nothing = handleOf(id, 0, undefined, { aggregate, world, pending: [], ended: false }) as Handle
  return decideOn(nothing, command, values, world)
}

/** Checks the input of a command by its shape. */
export function readInput(command: CommandDefinition, input: unknown): object {
  const issues: Issue[] = []
  const values = command.shape.parse(input, issues, asInput)
  if (issues.length > 0) {
    throw fault('DURE_COMMAND_INVALID', { command: `${command.aggregate}.${command.name}`, issues })
  }
  return Object.freeze(values)
}

/** The definition behind an aggregate, also where its types are not known. */
export function aggregateDefinition(aggregate: AnyAggregate): AggregateDefinition {
  return aggregate.definition
}
