import type { CommandDefinition } from '../domain/aggregate-definition.ts'
import type { AnyCommand, Command } from '../domain/command.ts'
import type { InputOf, OutputOf } from '../domain/fields/field.ts'
import { readInput } from '../domain/handle.ts'
import { sameJson, type JsonObject } from '../kernel/json.ts'
import type { Id } from '../kernel/brand.ts'
import type { CommandsMap, IssuedCommand } from '../model/issuing.ts'
import type { AnyPolicy, Policy } from '../model/policy.ts'
import { ExpectationFailed } from './expectation.ts'
import { throughJson, type Happened } from './happened.ts'
import type { Unbranded } from './plain.ts'
import { mustSubscribe, received } from './received.ts'

/** A command that a policy is expected to issue. */
export interface ExpectedCommand<N extends string = string> {
  readonly command: N
  /** Absent for a command that creates. */
  readonly id?: string
  readonly input: JsonObject
}

type CommandTold<C> =
  C extends Command<infer A, infer _N, infer F, infer _E, infer _R, infer M>
    ? M extends 'creates'
      ? [input: InputOf<F>]
      : {} extends InputOf<F>
        ? [id: Id<A> | string, input?: InputOf<F>]
        : [id: Id<A> | string, input: InputOf<F>]
    : never

/** A command with its id, unless it creates, and its input: `issued(Stock.commands.reserve, 'stock-1', { … })`. */
export function issued<C extends AnyCommand>(
  command: C,
  ...told: CommandTold<C>
): ExpectedCommand<C['name']> {
  const [id, input] = command.mode === 'creates' ? [undefined, told[0]] : told
  return expected(command, id as string | undefined, input ?? {})
}

function expected(command: AnyCommand, id: string | undefined, input: unknown): ExpectedCommand {
  const definition = command as unknown as CommandDefinition
  const stored = throughJson(definition.shape.encode(readInput(definition, input)))
  return {
    command: `${command.aggregate}.${command.name}`,
    ...(id === undefined ? {} : { id }),
    input: stored,
  }
}

type EventOf<P> = P extends Policy<infer E, infer _C> ? Happened<E['name']> : never
type CommandsOf<P> = P extends Policy<infer _E, infer C> ? C : never
/** The names of commands. */
export type NamesOf<C> = C[keyof C] extends { readonly name: infer N extends string } ? N : never

type DataTold<F> =
  {} extends InputOf<F>
    ? { readonly data?: Unbranded<OutputOf<F>> }
    : { readonly data: Unbranded<OutputOf<F>> }

/** The no that one of a policy's commands meets in a test. What is left out is what the policy issued for the event. */
export type RejectionTold<C> = {
  [K in keyof C]: C[K] extends Command<infer _A, infer _N, infer F, infer _E, infer Rj, infer _M>
    ? {
        readonly [R in keyof Rj]: {
          readonly command: K
          readonly rejected: R
          readonly input?: InputOf<F>
          readonly id?: string
        } & DataTold<Rj[R]>
      }[keyof Rj]
    : never
}[keyof C]

/** What was issued, and what a test may say about it. `N`: the names of the commands that may be. */
export interface Issuance<N extends string> {
  /** Exactly these commands, in this order. */
  thenIssues(...commands: readonly ExpectedCommand<N>[]): Issuance<N>
  thenNothing(): Issuance<N>
}

/** What a policy did, and what a test may say about it. */
export type Reaction<P extends AnyPolicy> = Issuance<NamesOf<CommandsOf<P>>>

/** A policy about to hear of something. */
export interface GivenPolicy<P extends AnyPolicy> {
  /** An event happened; the policy decides twice and must decide the same. */
  when(event: EventOf<P>): Reaction<P>
  /**
   * A command that it issued for the event met a no: its `id` and `input` are those issued, unless told. Data with times or
   * value objects is told as `reject` would get it back.
   */
  whenRejected(rejection: RejectionTold<CommandsOf<P>>, event: EventOf<P>): Reaction<P>
}

/**
 * Begins a test of a policy.
 *
 * @example
 * givenPolicy(reserveStock)
 *   .when(happened(Ordering.events.OrderPlaced, { lines, total: 1000 }, { id: 'order-1' }))
 *   .thenIssues(issued(Stock.commands.reserve, 'stock-1', { order: 'order-1', quantity: 2 }))
 */
export function givenPolicy<P extends AnyPolicy>(policy: P): GivenPolicy<P> {
  const it = policy.definition
  const what = `the policy "${it.name}"`
  return {
    when(event) {
      mustSubscribe(what, [it.event], event)
      return reaction(what, () => {
        const { data, message } = received(event)
        return it.run(data, message)
      })
    },
    whenRejected(rejection, event) {
      mustSubscribe(what, [it.event], event)
      return reaction(what, () => {
        const { data, message } = received(event)
        if (it.onRejected === undefined) throw new ExpectationFailed(`${what} has no .rejected(…)`)
        const no = completed(what, it.commands, rejection, () => it.run(data, message))
        return it.onRejected(no, data, message)
      })
    },
  }
}

/** The no that a command meets in a test, its types left behind. */
export interface ToldNo {
  readonly command: string
  readonly rejected: string
  readonly data?: object
  readonly input?: object
  readonly id?: string
}

/** The rejection as the engine would hand it over. */
export function completed(
  what: string,
  commands: CommandsMap,
  told: ToldNo,
  run: () => readonly IssuedCommand[],
): object {
  const command = commands[told.command] as unknown as CommandDefinition
  const known = told.id !== undefined && told.input !== undefined
  const issued = known ? undefined : theIssued(what, told, run())
  const input = readInput(command, told.input ?? issued?.input)
  const id = told.id ?? issued?.id ?? command.id?.(input) ?? `${command.aggregate}-1`
  return { data: {}, ...told, input, id }
}

function theIssued(what: string, told: ToldNo, all: readonly IssuedCommand[]): IssuedCommand {
  const named = all.filter((it) => it.as === told.command)
  const [first, ...others] = named.filter((it) => told.id === undefined || it.id === told.id)
  const found = named.map((it) => ({ id: it.id, input: it.input }))
  if (first === undefined) {
    const which = told.id === undefined ? told.command : `${told.command} to ${told.id}`
    throw new ExpectationFailed(`${what} does not issue ${which} for this event`, told, found)
  }
  const elsewhere = others.some((it) => it.id !== first.id)
  if (elsewhere || (others.length > 0 && told.input === undefined)) {
    const times = `${what} issues ${told.command} ${others.length + 1} times for this event`
    const by = elsewhere ? 'id' : 'input'
    throw new ExpectationFailed(`${times}: tell by its ${by} which one met the no`, told, found)
  }
  return first
}

/** Issues twice, which must be the same. */
export function reaction<N extends string>(what: string, run: () => readonly IssuedCommand[]): Issuance<N> {
  const tell = (): ExpectedCommand[] => run().map((it) => expected(it.command, it.id, it.input))
  const once = tell()
  const again = tell()
  if (!sameJson(json(once), json(again))) {
    throw new ExpectationFailed(`${what} is not pure: asked twice, it answered differently`, once, again)
  }
  const same = (wanted: readonly ExpectedCommand[]): void => {
    if (!sameJson(json(once), json(wanted)))
      throw new ExpectationFailed(`${what} issued other commands`, wanted, once)
  }
  return {
    thenIssues(...commands) {
      same(commands)
      return this
    },
    thenNothing() {
      same([])
      return this
    },
  }
}

const json = (commands: readonly ExpectedCommand[]): readonly JsonObject[] =>
  commands as unknown as readonly JsonObject[]
