import type { Id } from '../kernel/brand.ts'
import type { Refused } from '../kernel/type-error.ts'
import type { Access } from './access/access.ts'
import type { AggregateDefinition } from './aggregate-definition.ts'
import { defineAggregate } from './aggregate-builder.ts'
import type { AnySpec, Changes, CommandsOf, Creates } from './command.ts'
import type { DataOf, Deciding, Emitted, Events, Rejected, Rejections } from './decision.ts'
import type { KnownEvent, RetiredEvent } from './event.ts'
import type { Fields, InputOf, OutputOf } from './fields/field.ts'

/** Types only: which events start and end an aggregate, which rejections every decision may meet. */
export interface Life<St, En, Inv> {
  readonly starts: St
  readonly ends: En
  readonly invariants: Inv
}

/** What `aggregate` takes: shapes only. */
export interface AggregateShape<S, Ev, Rj> {
  readonly state: S
  readonly events: Ev
  /** The domain's reasons to say no, each with the data it says. */
  readonly rejections?: Rj
  /** Events that are only in the log: nothing emits or handles them, each is read as what it `becomes`. */
  readonly retired?: readonly RetiredEvent<NoInfer<keyof Ev & string>>[]
}

/** First: what brings an aggregate into being. */
export interface Starting<in out N extends string, in out S, in out Ev, in out Rj> {
  /** The events that begin a life, and the state each begins with. */
  starts<K extends keyof Ev & string>(table: {
    readonly [P in K]: (event: DataOf<Ev, P>) => OutputOf<S>
  }): AfterStart<N, S, Ev, Rj, K, never>
}

// Where every event starts or ends a life nothing is left to evolve, and the step may be left out.
type AfterStart<N extends string, S, Ev, Rj, St, En> = [Exclude<keyof Ev, St | En>] extends [never]
  ? Evolving<N, S, Ev, Rj, St, En> & Guarded<N, S, Ev, Rj, Life<St, En, never>>
  : Evolving<N, S, Ev, Rj, St, En>

/** Second: what changes it, and what ends it. */
export interface Evolving<in out N extends string, in out S, in out Ev, in out Rj, in out St, in out En> {
  /** The events after which the aggregate is deleted: nothing can follow, its id is never used again. */
  ends<const K extends Exclude<keyof Ev, St> & string>(
    ...names: readonly K[]
  ): AfterStart<N, S, Ev, Rj, St, En | K>
  /** Every other event, and the state after it. Pure and total: replay never fails. */
  evolves(table: {
    readonly [K in Exclude<keyof Ev, St | En>]: (state: OutputOf<S>, event: DataOf<Ev, K>) => OutputOf<S>
  }): Guarded<N, S, Ev, Rj, Life<St, En, never>>
}

type InvariantArgs<S, F> = {} extends InputOf<F> ? [] : [data: (state: OutputOf<S>) => InputOf<F>]

/** Third: what must hold after every decision. Invariants come before the commands that they guard. */
export interface Guarded<
  in out N extends string,
  in out S,
  in out Ev,
  in out Rj,
  in out L extends AnyLife,
> extends Aggregate<N, S, Ev, Rj, L, never> {
  /** Rejects, under this name, a decision whose outcome does not hold. Never asked on replay. */
  invariant<K extends keyof Rj & string>(
    rejection: K,
    holds: (state: OutputOf<S>) => boolean,
    ...data: InvariantArgs<S, Rj[K]>
  ): Guarded<N, S, Ev, Rj, Life<L['starts'], L['ends'], L['invariants'] | K>>
  /**
   * Rejects, under this name, a decision after which two aggregates of the kind (of one tenant) would have the same value:
   * one customer per e-mail address. Checked in the transaction that stores the decision, so no race passes it. The value
   * is a text or several, compared as they are: bring them into one form first; undefined claims nothing. An aggregate
   * that ends gives its values up.
   */
  unique<K extends keyof Rj & string>(
    rejection: K,
    value: (state: OutputOf<S>) => string | readonly string[] | undefined,
    ...data: InvariantArgs<S, Rj[K]>
  ): Guarded<N, S, Ev, Rj, Life<L['starts'], L['ends'], L['invariants'] | K>>
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- constraint over every life
type AnyLife = Life<any, any, any>

type Fresh<N extends string, C extends AnySpec> = N extends C['name'] | 'id' | 'version' | 'state' | 'then'
  ? Refused<'this name is taken by another command or by the handle (id, version, state, then)'>
  : N

/** How a factory names what it creates, and who may use it. */
export interface FactoryOptions<F> {
  /** The id of the new aggregate, from its input: one per input, a second is refused. A fresh UUIDv7 when absent. */
  readonly id?: (input: OutputOf<F>) => string
  /** Who may create. There is nothing yet that somebody could own: `actor` looks at the input. */
  readonly allow?: Access<unknown, OutputOf<F>>
}

/** Who may give a command. */
export interface CommandOptions<S, F> {
  /** Asked when it comes from outside, before it is decided; the policies of its own context may always. */
  readonly allow?: Access<OutputOf<S>, OutputOf<F>>
}

/**
 * An aggregate: a bundle of entities and value objects with a root that keeps its rules, changed by commands, known by
 * its events (Evans, Domain-Driven Design, ch. 6).
 */
export interface Aggregate<
  in out N extends string,
  in out S,
  in out Ev,
  in out Rj,
  in out L extends AnyLife,
  in out C extends AnySpec,
> {
  readonly kind: 'aggregate'
  readonly name: N
  readonly state: S
  readonly events: { readonly [K in keyof Ev & string]: KnownEvent<K, Ev[K]> }
  /** The commands as values to point at. */
  readonly commands: CommandsOf<N, Ev, Rj, C>
  /** A command that creates: it has no state before it. Its first event must be one that starts. */
  factory<
    const K extends string,
    F extends Fields,
    B extends L['starts'] = never,
    E extends keyof Ev = never,
    R extends string = never,
  >(
    name: K & Fresh<K, C>,
    fields: F,
    decide: (
      input: OutputOf<F>,
      deciding: Deciding<N, Ev, Rj>,
    ) => Emitted<B> | readonly Emitted<E>[] | Rejected<R>,
    options?: FactoryOptions<F>,
  ): Aggregate<N, S, Ev, Rj, L, C | Creates<K, F, B | E, R | L['invariants']>>
  /** A command that changes. It decides from state and input alone; returning `[]` changes nothing. */
  command<const K extends string, F extends Fields, E extends keyof Ev = never, R extends string = never>(
    name: K & Fresh<K, C>,
    fields: F,
    decide: (
      state: OutputOf<S>,
      input: OutputOf<F>,
      deciding: Deciding<N, Ev, Rj>,
    ) => Emitted<E> | readonly Emitted<E>[] | Rejected<R>,
    options?: CommandOptions<S, F>,
  ): Aggregate<N, S, Ev, Rj, L, C | Changes<K, F, E, R | L['invariants']>>
  /** @internal */
  readonly definition: AggregateDefinition
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- constraint over every aggregate
export type AnyAggregate = Aggregate<any, any, any, any, any, any>

/** The id of an aggregate type. */
export type IdOf<A> = A extends { readonly kind: 'aggregate'; readonly name: infer N extends string }
  ? Id<N>
  : never

/** The state of an aggregate type. */
export type StateOf<A> = A extends { readonly kind: 'aggregate'; readonly state: infer S }
  ? OutputOf<S>
  : never

/**
 * Declares an aggregate. The order of the steps is the order of thought: what starts it, what ends and changes it, what
 * always holds, what it can be told to do.
 */
export function aggregate<
  const N extends string,
  S extends Fields,
  Ev extends Events,
  Rj extends Rejections = {},
>(name: N, shape: AggregateShape<S, Ev, Rj>): Starting<N, S, { [K in keyof Ev]: Ev[K]['fields'] }, Rj> {
  return defineAggregate(name, shape as never) as never
}
