import type { Fields, InputOf } from './fields/field.ts'

/** What a command is at heart: its input, the names it may emit and reject with, and whether it creates. */
export interface CommandSpec<in out F, E, R, M extends 'creates' | 'changes'> {
  readonly fields: F
  readonly emits: E
  readonly rejects: R
  readonly mode: M
}

/**
 * A command of an aggregate, as a value to point at: policies issue it, contexts expose it, sagas step through it.
 * `Ev` and `Rj` are the events and rejections it can answer with.
 */
export interface Command<A extends string, N extends string, F, Ev, Rj, M extends 'creates' | 'changes'> {
  readonly kind: 'command'
  readonly aggregate: A
  readonly name: N
  readonly fields: F
  readonly mode: M
  /** Types only: what it answers with. */
  readonly '~types'?: { readonly events: Ev; readonly rejections: Rj }
  /** Types only: what it takes, so that a contract's command can be held against it. */
  readonly '~accepts'?: (input: InputOf<F>) => void
  /** Types only: the names it may reject with. */
  readonly '~rejects'?: keyof Rj
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- constraint over every command
export type AnyCommand = Command<string, string, any, any, any, 'creates' | 'changes'>

/** The commands of an aggregate, resolved from their specs. */
export type CommandsOf<N extends string, Ev, Rj, C> = {
  readonly [K in keyof C & string]: C[K] extends CommandSpec<infer F, infer E, infer R, infer M>
    ? Command<N, K, F, Pick<Ev, E & keyof Ev>, Pick<Rj, R & keyof Rj>, M>
    : never
}

/** What a policy, a handler or a saga gives to a command: the input, and for one that changes, the id to change. */
export type FieldsOfCommand<C> = C extends { readonly fields: infer F extends Fields } ? F : never
