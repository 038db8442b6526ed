import { asInput } from '../../domain/fields/codec.ts'
import type { InputOf, OutputOf } from '../../domain/fields/field.ts'
import type { Issue } from '../../kernel/error.ts'
import { fault } from '../../kernel/errors/fault.ts'
import { plainJson } from '../../kernel/plain-json.ts'
import type { ItemsDefinition } from '../../model/jobs/items.ts'
import type { AnyJob, Job } from '../../model/jobs/job.ts'
import type { AnyPoller, Poller } from '../../model/jobs/poller.ts'
import { ExpectationFailed } from '../expectation.ts'
import { completed, reaction, type Issuance, type NamesOf, type RejectionTold } from '../given-policy.ts'

type CommandsOf<J> =
  J extends Job<infer _F, infer _I, infer C> ? C : J extends Poller<infer _I, infer C> ? C : never
type ItemOf<J> =
  J extends Job<infer _F, infer I, infer _C> ? I : J extends Poller<infer I, infer _C> ? I : never
type TakesOf<J> = J extends { readonly '~takes'?: infer F } ? NonNullable<F> : never

/** The run that an item is handled in; what is left out has a default. */
export interface RunTold<J> {
  readonly id?: string
  readonly due?: Date | string
  /** As whoever asks for a run gives it. */
  readonly input?: InputOf<TakesOf<J>>
}

/** A job about to handle an item. */
export interface GivenJob<J extends AnyJob> {
  /** It decides twice and must decide the same. */
  when(item: ItemOf<J>, run?: RunTold<J>): Issuance<NamesOf<CommandsOf<J>>>
  /** A command that it issued for the item met a no. */
  whenRejected(
    rejection: RejectionTold<CommandsOf<J>>,
    item: ItemOf<J>,
    run?: RunTold<J>,
  ): Issuance<NamesOf<CommandsOf<J>>>
}

/** A poller about to handle an item. */
export interface GivenPoller<P extends AnyPoller> {
  /** It decides twice and must decide the same. */
  when(item: ItemOf<P>): Issuance<NamesOf<CommandsOf<P>>>
  /** A command that it issued for the item met a no. */
  whenRejected(rejection: RejectionTold<CommandsOf<P>>, item: ItemOf<P>): Issuance<NamesOf<CommandsOf<P>>>
}

const due = '2026-01-01T00:00:00.000Z'

/**
 * Begins a test of what a job does with an item. What it reads, and when, is tried with a host and a `testWorld`.
 *
 * @example
 * givenJob(cancelStale).when({ id: 'o-1', placedAt }).thenIssues(issued(Order.commands.cancel, 'o-1'))
 */
export function givenJob<J extends AnyJob>(job: J): GivenJob<J> {
  const it = job.definition
  const runOf = ({ id = due, due: at = due, input = {} as never }: RunTold<J> = {}): object => {
    const issues: Issue[] = []
    const values = it.takes.parse(plainJson(input), issues, asInput)
    if (issues.length > 0) throw fault('DURE_COMMAND_INVALID', { command: `the job "${it.name}"`, issues })
    return Object.freeze({ id, due: new Date(at), input: values as OutputOf<TakesOf<J>> })
  }
  return {
    when: (item, run) => handled(`the job "${it.name}"`, it, item, runOf(run)),
    whenRejected: (no, item, run) => refused(`the job "${it.name}"`, it, no, item, runOf(run)),
  }
}

/** Begins a test of what a poller makes of an item of its source. */
export function givenPoller<P extends AnyPoller>(poller: P): GivenPoller<P> {
  const it = poller.definition
  const what = `the poller "${it.name}"`
  const poll = Object.freeze({ at: new Date(due) })
  return {
    when: (item) => handled(what, it, item, poll),
    whenRejected: (no, item) => refused(what, it, no, item, poll),
  }
}

function handled<N extends string>(
  what: string,
  it: ItemsDefinition,
  item: unknown,
  circumstances: object,
): Issuance<N> {
  return reaction(what, () => it.run(item, circumstances))
}

function refused<N extends string>(
  what: string,
  it: ItemsDefinition,
  rejection: Parameters<typeof completed>[2],
  item: unknown,
  circumstances: object,
): Issuance<N> {
  return reaction(what, () => {
    if (it.onRejected === undefined) throw new ExpectationFailed(`${what} has no .rejected(…)`)
    const no = completed(what, it.commands, rejection, () => it.run(item, circumstances))
    return it.onRejected(no, item, circumstances)
  })
}
