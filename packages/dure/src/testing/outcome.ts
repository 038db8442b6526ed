import type { Aggregate, AnyAggregate } from '../domain/aggregate.ts'
import type { InputOf } from '../domain/fields/field.ts'
import type { Loaded } from '../domain/handle.ts'
import { restore } from '../domain/restore.ts'
import type { Issue } from '../kernel/error.ts'
import { fault } from '../kernel/errors/fault.ts'
import { sameJson, type Json, type JsonObject } from '../kernel/json.ts'
import { ExpectationFailed } from './expectation.ts'
import { encodeSome, type Happened } from './happened.ts'
import { heardOf, rehearsed, tell, type AnyAnswer, type Heard } from './rehearsal.ts'

/** What every command answers, its types left behind. */
export type AnyDecision =
  | { readonly ok: true; readonly events: readonly { readonly type: string }[] }
  | { readonly ok: false; readonly rejected: string; readonly data: object }

type Yes<D> = Extract<D, { readonly ok: true }>
type NoNames<D> = D extends { readonly ok: false; readonly rejected: infer R extends string } ? R : never
type NoData<A, R> =
  A extends Aggregate<infer _N, infer _S, infer _E, infer Rj, infer _L, infer _C>
    ? Partial<InputOf<Rj[R & keyof Rj]>>
    : never
type EventNames<D> =
  Yes<D> extends { readonly events: readonly { readonly type: infer K extends string }[] } ? K : never
type StateInput<A> = A extends { readonly state: infer S } ? InputOf<S> : never

/** What a command or factory answered, and what a test may say about it. Every step can be followed by another. */
export interface Outcome<A extends AnyAggregate, D> {
  /** Exactly these events, in this order; `happened` tells all of the data, `like` some of it. */
  thenEvents(...events: readonly Happened<EventNames<D>>[]): Outcome<A, D>
  /** Accepted, and nothing happened. */
  thenNothing(): Outcome<A, D>
  /** The domain said no, for this reason; of its data, the fields that are told must match. */
  thenRejected<R extends NoNames<D>>(name: R, data?: NoData<A, R>): Outcome<A, D>
  /** The state after it, of which the fields that are told must match; `undefined` says that a field is absent. */
  thenState(state: Partial<StateInput<A>>): Outcome<A, D>
  /** The aggregate was deleted. */
  thenEnded(): Outcome<A, D>
  /** Goes on from here; after a no, from where it was before. */
  when<E extends AnyDecision>(act: (aggregate: Loaded<A>) => E): Outcome<A, E>
  /** The answer itself, for what is not said above. */
  readonly answer: D
}

/** @internal The outcome of one act. */
export function outcomeOf<A extends AnyAggregate, D>(answer: D): Outcome<A, D> {
  const it = heardOf(answer)
  if (it === undefined) {
    throw fault('DURE_MODEL_INVALID', {
      where: 'given(…).when(…)',
      reason: 'the function returned something that no command answered.',
      fix: 'Return what the command returns: .when((order) => order.approve()).',
    })
  }
  return new Told(answer as AnyAnswer, it) as never
}

class Told {
  readonly answer: AnyAnswer
  readonly #heard: Heard

  constructor(answer: AnyAnswer, it: Heard) {
    this.answer = answer
    this.#heard = it
  }

  thenEvents(...expected: readonly Happened[]): this {
    const { what, life } = this.#heard
    const told = tell(life.aggregate, this.answer)
    const wanted = expected.map((it) => ({ type: it.type, data: it.data }))
    if (!this.answer.ok)
      throw new ExpectationFailed(`${what} was rejected: ${this.answer.rejected}`, wanted, told)
    for (const it of expected) this.#mustBeOwn(it)
    const found = (told as readonly { type: string; data: JsonObject }[]).map((it, i) => {
      const like = expected[i]
      return like === undefined || like.exact || like.type !== it.type
        ? it
        : { type: it.type, data: only(it.data, like.data) }
    })
    if (!sameJson(found, wanted)) {
      throw new ExpectationFailed(`${what} decided other events`, wanted, found)
    }
    return this
  }

  thenNothing(): this {
    const { what, life } = this.#heard
    const told = tell(life.aggregate, this.answer)
    if (!sameJson(told, [])) throw new ExpectationFailed(`${what} did not leave it at that`, [], told)
    return this
  }

  thenRejected(name: string, data: object = {}): this {
    const { what, life } = this.#heard
    const shape = life.aggregate.rejections.get(name)
    const invalid = (issues: readonly Issue[]) =>
      fault('DURE_VALUE_INVALID', { type: `rejection ${name}`, issues })
    const wanted = { rejected: name, data: shape === undefined ? {} : encodeSome(shape, data, invalid) }
    const told = tell(life.aggregate, this.answer)
    if (this.answer.ok) throw new ExpectationFailed(`${what} was accepted`, wanted, told)
    const { rejected, data: said } = told as { rejected: string; data: JsonObject }
    const found = { rejected, data: rejected === name ? only(said, wanted.data) : said }
    if (!sameJson(found, wanted)) throw new ExpectationFailed(`${what} was rejected otherwise`, wanted, found)
    return this
  }

  thenState(expected: object): this {
    const { what, life } = this.#heard
    const { name, state: shape } = life.aggregate
    const invalid = (issues: readonly Issue[]) =>
      fault('DURE_VALUE_INVALID', { type: `the state of ${name}`, issues })
    const wanted = encodeSome(shape, expected, invalid)
    const state = restore(life.aggregate, life.id, life.log)
    if (state === undefined)
      throw new ExpectationFailed(`after ${what} there is no ${name}`, wanted, undefined)
    const found = only(shape.encode(state), wanted)
    if (!sameJson(found, wanted))
      throw new ExpectationFailed(`after ${what} the state is another`, wanted, found)
    return this
  }

  thenEnded(): this {
    const { what, life } = this.#heard
    if (life.log.length === 0 || !life.aggregate.ends.has(life.log.at(-1)?.type ?? '')) {
      throw new ExpectationFailed(`after ${what} ${life.aggregate.name} has not ended`, 'ended', 'not ended')
    }
    return this
  }

  when(act: (aggregate: never) => unknown): unknown {
    return outcomeOf(act(rehearsed(this.#heard.life) as never))
  }

  #mustBeOwn(it: Happened): void {
    const { aggregate } = this.#heard.life
    if (aggregate.events.get(it.type) !== (it.event as unknown)) throw foreign(aggregate.name, it)
  }
}

/** @internal The error for an event that is not one of the aggregate's. */
export function foreign(aggregate: string, it: Happened): Error {
  return fault('DURE_MODEL_INVALID', {
    where: `a test of ${aggregate}`,
    reason: `the event ${it.type} is not one of its events.`,
    fix: `Use the very value that aggregate('${aggregate}', { events: {…} }) was given.`,
  })
}

/** The fields of `from` that `like` names, absent ones as undefined, so that a diff shows those and no others. */
export function only(from: JsonObject, like: JsonObject): JsonObject {
  return Object.fromEntries(Object.keys(like).map((key) => [key, from[key] as Json]))
}
