import type { AnyAggregate } from '../domain/aggregate.ts'
import type { AnyCommand, Command } from '../domain/command.ts'
import type { Field, Input, InputOf, Output, OutputOf } from '../domain/fields/field.ts'
import type { Id } from '../kernel/brand.ts'
import type { Repository } from '../domain/repository.ts'
import type { Attached } from './attached/attached.ts'
import type { ContractQuery } from './contract.ts'
import type { AnyView } from './view.ts'

/** What handlers may use: the reading side of their own context, and queries of others. */
export interface Reading {
  readonly actor: string
  readonly tenant: string
  /** The roles of the actor, as its identity provider says. */
  readonly roles: readonly string[]
  readonly now: () => Date
  readonly newId: () => string
  /** The rows of a view of this context. */
  readonly view: <V extends AnyView>(view: V) => Rows<OutputOf<V['row']>>
  /** The aggregates of this context, to look at; decisions go through commands. */
  readonly repository: <A extends AnyAggregate>(aggregate: A) => Pick<Repository<A>, 'load' | 'find'>
  /** The values of settings, or the client of a resource, that is a part of this context. */
  readonly use: <T>(attached: Attached<T>) => T
  /** Asks a query of any context: a call, since all contexts run in one process. */
  readonly ask: <X extends string, N extends string, I, O>(
    query: ContractQuery<X, N, I, O>,
    input: InputOf<I>,
  ) => Promise<AnswerOf<O>>
}

/** What a query answers, as values. */
export type AnswerOf<O> = O extends Field ? Output<O> : OutputOf<O>
/** What a query handler returns. */
export type AnswerInput<O> = O extends Field ? Input<O> : InputOf<O>

/** Rows of one view. */
export interface Rows<R> {
  get(key: string): Promise<R | undefined>
  /** Rows whose fields equal `where`, sorted by a field (then by key), 100 at most unless `limit` says otherwise (up to 1000). */
  list(query?: {
    /** A field that is undefined is not asked for. */
    readonly where?: { readonly [K in keyof R]?: R[K] | undefined }
    readonly orderBy?: keyof R & string
    readonly descending?: boolean
    /** Only rows after this key, in the order of the keys: how a job goes on from page to page. Not with `orderBy`. */
    readonly after?: string | undefined
    readonly limit?: number
    readonly offset?: number
  }): Promise<readonly R[]>
}

type Prepared<C> =
  C extends Command<infer A, infer _N, infer F, infer _E, infer _R, infer M>
    ? M extends 'creates'
      ? InputOf<F>
      : InputOf<F> & { readonly id: Id<A> | string }
    : never

type RejectsOf<C> =
  C extends Command<infer _A, infer _N, infer _F, infer _E, infer Rj, infer _M> ? keyof Rj : never

/** A command handler: prepares what the aggregate needs to decide. */
export interface Handler<I, R> {
  readonly kind: 'handler'
  readonly command: AnyCommand
  readonly prepare: (input: never, reading: Reading) => unknown
  /** Types only. */
  readonly '~in'?: (input: I) => void
  /** Types only: the names it may reject with. */
  readonly '~rejects'?: R
}

/**
 * A command handler of the application layer: looks up and computes the input of the aggregate's command from the
 * contract's. The aggregate still decides. May be called again when the decision met a conflict.
 */
export function handle<C extends AnyCommand, I>(
  command: C,
  prepare: (input: I, reading: Reading) => Prepared<C> | Promise<Prepared<C>>,
): Handler<I, RejectsOf<C>> {
  return { kind: 'handler', command, prepare: prepare }
}

/** What a command handler of a contract's command gets: `CommandInput<typeof Ordering.commands.placeOrder>`. */
export type CommandInput<C> = C extends { readonly fields: infer F } ? OutputOf<F> : never

/** The handler of a contract's query: `QueryHandlerOf<typeof Ordering.queries.orders>`. */
export type QueryHandlerOf<Q> = Q extends { readonly in: infer I; readonly out: infer O }
  ? QueryHandler<I, O>
  : never

/** A query handler: answers from views and repositories; `undefined` means there is no such thing (404). */
export type QueryHandler<I, O> = (
  input: OutputOf<I>,
  reading: Reading,
) => AnswerInput<O> | undefined | Promise<AnswerInput<O> | undefined>
