import type { AnyEvent } from '../domain/event.ts'
import type { OutputOf } from '../domain/fields/field.ts'
import { publisherOf } from './contract.ts'
import {
  issuedList,
  issuers,
  type CommandsMap,
  type IssuedCommand,
  type Issuers,
  type IssueRejection,
  type Outcome,
} from './issuing.ts'
import type { Message } from './message.ts'

type DataOfEvent<E> = E extends { readonly fields: infer F } ? OutputOf<F> : never

/** The no that one of a policy's commands met. */
export type PolicyRejection<C> = IssueRejection<C>

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
  const where = `policy "${name}"`
  const definition: PolicyDefinition = {
    name,
    event,
    from: publisherOf(event),
    commands,
    run: (data, message) => issuedList(where, decide(data, message, issue)),
    onRejected:
      rejected &&
      ((rejection, data, message) => issuedList(where, rejected(rejection, data, message, issue))),
  }
  return {
    kind: 'policy',
    name,
    definition,
    rejected: (handle: Rejecting) => make(name, event, commands, decide, handle),
  }
}
