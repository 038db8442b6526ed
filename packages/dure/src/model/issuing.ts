import type { AnyCommand, Command } from '../domain/command.ts'
import type { InputOf, OutputOf } from '../domain/fields/field.ts'
import { checkId } from '../domain/fields/ref.ts'
import type { Id } from '../kernel/brand.ts'
import { fault } from '../kernel/errors/fault.ts'

declare const issuedBrand: unique symbol

/** A command that a policy, job or poller wants to be carried out; only the functions given to `do` make them. */
export interface Issued<C> {
  readonly [issuedBrand]: C
}

/** The commands that may be issued, by the names that the functions for them get. */
export type CommandsMap = { readonly [name: string]: AnyCommand }

type Issue<C> =
  C extends Command<infer A, infer _N, infer F, infer _E, infer _R, infer M>
    ? M extends 'creates'
      ? (input: InputOf<F>) => Issued<C>
      : {} extends InputOf<F>
        ? (id: Id<A>, input?: InputOf<F>) => Issued<C>
        : (id: Id<A>, input: InputOf<F>) => Issued<C>
    : never

/** A function for each of the commands. */
export type Issuers<C> = { readonly [K in keyof C]: Issue<C[K]> }
/** One command, or a list: `[]` for nothing to do. */
export type Outcome<C> = Issued<C[keyof C]> | readonly Issued<C[keyof C]>[]

/** The no that one of the commands met. */
export type IssueRejection<C> = {
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

/** What stands behind an `Issued`. */
export class IssuedCommand {
  /** The name that it is issued under. */
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

/** The functions that make commands. */
export function issuers(commands: CommandsMap): Record<string, (...args: unknown[]) => IssuedCommand> {
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

/** What a `do` has returned, as a list; `where` names whose it is. */
export function issuedList(where: string, outcome: unknown): readonly IssuedCommand[] {
  const all = Array.isArray(outcome) ? (outcome as unknown[]) : [outcome]
  if (all.every((it) => it instanceof IssuedCommand)) return all
  throw fault('DURE_MODEL_INVALID', {
    where,
    reason: 'it returned something that its issuing functions did not make.',
    fix: 'Return what the functions given to do(…) make, or a list of them ([] for nothing to do).',
  })
}
