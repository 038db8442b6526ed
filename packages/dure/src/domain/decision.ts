import type { Id } from '../kernel/brand.ts'
import type { Fields, InputOf, OutputOf } from './fields/field.ts'
import type { AnyEvent } from './event.ts'

export type Events = { readonly [name: string]: AnyEvent }
export type Rejections = { readonly [name: string]: Fields }

declare const made: unique symbol

/** What `emit.X(…)` returns: an event decided, not yet stored. Its data is checked and frozen. */
export interface Emitted<K> {
  readonly type: K
  readonly [made]: 'emitted'
}

/** What `reject(…)` returns: the domain's typed no. */
export interface Rejected<K> {
  readonly rejected: K
  readonly [made]: 'rejected'
}

/** The values of one of an aggregate's events. */
export type DataOf<Ev, K extends keyof Ev> = OutputOf<Ev[K]>

/** An event with its data, as handles, tests and policies see it. */
export interface EventData<K, D> {
  readonly type: K
  readonly data: D
}

type RejectArgs<F> = {} extends InputOf<F> ? [data?: InputOf<F>] : [data: InputOf<F>]

/** What a decision may use besides state and input. Nothing else: no clock, no chance, no I/O. */
export interface Deciding<N extends string, Ev, Rj> {
  /** Makes an event; return it. */
  readonly emit: { readonly [K in keyof Ev]: (data: InputOf<Ev[K]>) => Emitted<K> }
  /** Makes the domain's no, with its data; return it. */
  readonly reject: <K extends keyof Rj & string>(name: K, ...data: RejectArgs<Rj[K]>) => Rejected<K>
  /** Id of the aggregate that decides. */
  readonly id: Id<N>
  readonly now: Date
  /** A fresh identifier, for entities inside the aggregate. */
  readonly newId: () => string
}

/** The no of one command, as data: its name and what it says. */
export type RejectionOf<Rj, R extends keyof Rj> = {
  readonly [K in R]: { readonly ok: false; readonly rejected: K; readonly data: OutputOf<Rj[K]> }
}[R]
