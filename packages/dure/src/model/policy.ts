import type { AnyCommand, Command } from '../domain/command.ts'
import type { AnyEvent } from '../domain/event.ts'
import type { InputOf, OutputOf } from '../domain/fields/field.ts'
import { checkId } from '../domain/fields/ref.ts'
import type { Id } from '../kernel/brand.ts'
import { fault } from '../kernel/errors/fault.ts'
import { publisherOf } from './contract.ts'
import type { Message } from './message.ts'

declare const issuedBrand: unique symbol

/** A command that a policy wants to be carried out; only the functions given to `do` make them. */
export interface Issued<C> {
  readonly [issuedBrand]: C
}

type CommandsMap = { readonly [name: string]: AnyCommand }

type Issue<C> =
  C extends Command<infer A, infer _N, infer F, infer _E, infer _R, infer M>
    ? M extends 'creates'
      ? (input: InputOf<F>) => Issued<C>
      : {} extends InputOf<F>
        ? (id: Id<A>, input?: InputOf<F>) => Issued<C>
        : (id: Id<A>, input: InputOf<F>) => Issued<C>
    : never

type Issuers<C> = { readonly [K in keyof C]: Issue<C[K]> }
type Outcome<C> = Issued<C[keyof C]> | readonly Issued<C[keyof C]>[]
type DataOfEvent<E> = E extends { readonly fields: infer F } ? OutputOf<F> : never

/** The no that one of a policy's commands met. */
export type PolicyRejection<C> = {
  [K in keyof C]: C[K] extends Command<infer _A, infer _N, infer F, infer _E, infer Rj, infer _M>
    ? {
        readonly [R in keyof Rj]: {
          readonly command: K
          readonly rejected: R
          readonly data: OutputOf<Rj[R]>
          /** What the command was issued with. */
          readonly input: OutputOf<F>
          /** The id the command was issued to. */
          // eslint-disable-next-line @typescript-eslint/no-explicit-any -- any kind of aggregate
          readonly id: Id<any>
        }
      }[keyof Rj]
    : never
}[keyof C]

/**
 * A policy: whenever this happened, do that. Effectively once: what it decides is stored in the same transaction as the
 * mark that the event was handled.
 */
export interface Policy<E extends AnyEvent, C extends CommandsMap> {
  readonly kind: 'policy'
  readonly name: string
  readonly definition: PolicyDefinition
  /** What to do when an issued command is rejected. Without it, the event is parked for a person to decide. */
  rejected(
    handle: (
      rejection: PolicyRejection<C>,
      event: DataOfEvent<E>,
      message: Message,
      issue: Issuers<C>,
    ) => Outcome<C>,
  ): Policy<E, C>
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- constraint over every policy
export type AnyPolicy = Policy<any, any>

export interface PolicyDefinition {
  readonly name: string
  readonly event: AnyEvent
  /** The publishing context; undefined for the policy's own context. */
  readonly from: string | undefined
  readonly commands: CommandsMap
  readonly run: (event: object, message: Message) => readonly IssuedCommand[]
  readonly onRejected:
    | ((rejection: object, event: object, message: Message) => readonly IssuedCommand[])
    | undefined
}

/** What stands behind an `Issued`. */
export class IssuedCommand {
  /** The name the policy knows the command by. */
  readonly as: string
  readonly command: AnyCommand
  readonly id: string | undefined
  readonly input: unknown
  constructor(as: string, command: AnyCommand, id: string | undefined, input: unknown) {
    this.as = as
    this.command = command
    this.id = id
    this.input = input
  }
}

interface PolicyOn<E extends AnyEvent> {
  /** The commands of its own context that the policy may issue, and no others. */
  issues<const C extends CommandsMap>(
    commands: C,
  ): {
    do(decide: (event: DataOfEvent<E>, message: Message, issue: Issuers<C>) => Outcome<C>): Policy<E, C>
  }
}

/** Declares a policy, named by a sentence: `policy('reserve stock when an order is placed')`. */
export function policy(name: string): { on<E extends AnyEvent>(event: E): PolicyOn<E> } {
  const on = (event: AnyEvent) => ({
    issues: (commands: CommandsMap) => ({
      do: (decide: Deciding) => make(name, event, commands, decide),
    }),
  })
  return { on } as never
}

type Deciding = (event: object, message: Message, issue: object) => unknown
type Rejecting = (rejection: object, event: object, message: Message, issue: object) => unknown

function make(
  name: string,
  event: AnyEvent,
  commands: CommandsMap,
  decide: Deciding,
  rejected?: Rejecting,
): object {
  const issue = issuers(commands)
  const definition: PolicyDefinition = {
    name,
    event,
    from: publisherOf(event),
    commands,
    run: (data, message) => issuedList(name, decide(data, message, issue)),
    onRejected:
      rejected && ((rejection, data, message) => issuedList(name, rejected(rejection, data, message, issue))),
  }
  return {
    kind: 'policy',
    name,
    definition,
    rejected: (handle: Rejecting) => make(name, event, commands, decide, handle),
  }
}

function issuers(commands: CommandsMap): Record<string, (...args: unknown[]) => IssuedCommand> {
  return Object.fromEntries(
    Object.entries(commands).map(([as, command]) => [
      as,
      command.mode === 'creates'
        ? (input: unknown) => new IssuedCommand(as, command, undefined, input)
        : (id: unknown, input: unknown = {}) => new IssuedCommand(as, command, checkedId(command, id), input),
    ]),
  )
}

function checkedId(command: AnyCommand, id: unknown): string {
  checkId(command.aggregate, id)
  return id
}

function issuedList(policyName: string, outcome: unknown): readonly IssuedCommand[] {
  const all = Array.isArray(outcome) ? (outcome as unknown[]) : [outcome]
  if (all.every((it) => it instanceof IssuedCommand)) return all
  throw fault('DURE_MODEL_INVALID', {
    where: `policy "${policyName}"`,
    reason: 'it returned something that its issuing functions did not make.',
    fix: 'Return what the functions given to do(…) make, or a list of them ([] for nothing to do).',
  })
}
