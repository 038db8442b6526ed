import type { Fields, InputOf } from './fields/field.ts'

/** Types only, a command that creates: its name, its input, the names it may emit and reject with. */
export interface Creates<N extends string, in out F, E, R> {
  readonly name: N
  readonly fields: F
  readonly emits: E
  readonly rejects: R
  readonly mode: 'creates'
}

/** Types only, a command that changes: its name, its input, the names it may emit and reject with. */
export interface Changes<N extends string, in out F, E, R> {
  readonly name: N
  readonly fields: F
  readonly emits: E
  readonly rejects: R
  readonly mode: 'changes'
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- constraint over every command
export type AnySpec = Creates<string, any, any, any> | Changes<string, any, any, any>

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
export type CommandsOf<N extends string, Ev, Rj, C extends AnySpec> = {
  readonly [X in C as X['name']]: Command<
    N,
    X['name'],
    X['fields'],
    Pick<Ev, X['emits'] & keyof Ev>,
    Pick<Rj, X['rejects'] & keyof Rj>,
    X['mode']
  >
}

/** What a policy, a handler or a saga gives to a command: the input, and for one that changes, the id to change. */
export type FieldsOfCommand<C> = C extends { readonly fields: infer F extends Fields } ? F : never
