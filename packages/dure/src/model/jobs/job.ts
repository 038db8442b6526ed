import type { Fields, InputOf, OutputOf } from '../../domain/fields/field.ts'
import { asInput } from '../../domain/fields/codec.ts'
import { shapeOf, type Shape } from '../../domain/fields/shape.ts'
import type { Issue } from '../../kernel/error.ts'
import { fault } from '../../kernel/errors/fault.ts'
import type { Json } from '../../kernel/json.ts'
import type { Reading } from '../handler.ts'
import {
  issuedList,
  issuers,
  type CommandsMap,
  type IssueRejection,
  type Issuers,
  type Outcome,
} from '../issuing.ts'
import { durationMs, type Duration } from './duration.ts'
import { checkKeyed, checkTaskName, type ItemsDefinition, type Keyed } from './items.ts'
import type { Schedule } from './schedule.ts'

/** Which of the runs are made up for that came due while nothing ran, or while another run did. */
export type CatchUp = 'latest' | 'all' | 'none'

/** What a job may be told; everything has a default. */
export interface JobOptions<F extends Fields> {
  /** When it is due: `every('1h')`, `daily('03:00', 'Asia/Seoul')`, … Absent: it runs when somebody asks for it. */
  readonly on?: Schedule
  /** What whoever asks for a run gives it. A job with a schedule must be content with nothing. */
  readonly takes?: F
  /** `latest` when absent: one run, for the last time that it was due. `none`: that is more than a minute ago. */
  readonly catchUp?: CatchUp
  /** How long a run may work, all its holders and tries together; then it has failed. `6h` when absent. */
  readonly limit?: Duration
  /** How often a page is tried before the run has failed, with growing pauses; 5 when absent. */
  readonly tries?: number
}

/** One run of a job. */
export interface Run<I> {
  /** The time it was due at, as ISO text; of a run that somebody asked for, an id of its own. */
  readonly id: string
  readonly due: Date
  readonly input: I
}

/** What a job reads with: as handlers do. */
export interface JobReading<I> extends Reading {
  readonly run: Run<I>
  /** Aborted when the run is cancelled, over its limit, or goes on in another process. */
  readonly signal: AbortSignal
}

/** Some of the items of a run, at most 1000: they are handled in one transaction, together with `next`. */
export interface Page<I, C> {
  readonly items: readonly I[]
  /** Where the next page begins; absent at the last one. */
  readonly next?: C | undefined
  /** How many items the run has in all, where that is known. */
  readonly total?: number | undefined
}

/**
 * A job: work of many items that is due at times, or that somebody asks for. One run at a time, in one process at a time;
 * a run that is interrupted goes on at its cursor, elsewhere if need be. Effectively once: what is decided about a page of
 * items is stored in the same transaction as the cursor behind it.
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- any item
export interface Job<F extends Fields = Fields, I = any, C extends CommandsMap = CommandsMap> {
  readonly kind: 'job'
  readonly name: string
  readonly definition: JobDefinition
  /** Types only: what it takes. */
  readonly '~takes'?: F
  /** What to do when an issued command is rejected. Without it, the run is tried again and then fails, naming the item. */
  rejected(
    handle: (rejection: IssueRejection<C>, item: I, run: Run<OutputOf<F>>, issue: Issuers<C>) => Outcome<C>,
  ): Job<F, I, C>
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- constraint over every job
export type AnyJob = Job<any, any, any>

/** What a run of a job is asked for with. */
export type JobInput<J> = J extends { readonly '~takes'?: infer F } ? InputOf<NonNullable<F>> : never

/** A job as data. */
export interface JobDefinition extends ItemsDefinition {
  readonly schedule: Schedule | undefined
  readonly takes: Shape
  readonly catchUp: CatchUp
  readonly limitMs: number
  readonly tries: number
  readonly read: (cursor: Json | undefined, reading: JobReading<object>) => Promise<Page<unknown, Json>>
}

interface JobItems<I, F extends Fields> {
  /** The commands of its own context that the job may issue, and no others. */
  issues<const C extends CommandsMap>(
    commands: C,
  ): {
    /** What is done with one item. Pure. */
    do(decide: (item: I, run: Run<OutputOf<F>>, issue: Issuers<C>) => Outcome<C>): Job<F, I, C>
  }
}

interface JobStart<F extends Fields> {
  /**
   * Where the items come from, page by page: `cursor` is undefined at first, then what `next` of the page before was, a text
   * unless its type is written down. The same cursor may be asked for again.
   */
  reads<I, C extends Json = string>(
    read: (cursor: C | undefined, reading: JobReading<OutputOf<F>>) => Page<I, C> | Promise<Page<I, C>>,
    keyed: Keyed<I>,
  ): JobItems<I, F>
}

/** Declares a job, named by a sentence: `job('cancel orders that nobody paid', { on: daily('03:00', 'Asia/Seoul') })`. */
export function job<const F extends Fields = {}>(name: string, options: JobOptions<F> = {}): JobStart<F> {
  checkTaskName('job', name)
  const told = toldOf(name, options)
  const reads = (read: Read, keyed: Keyed<unknown>): JobItems<unknown, F> => {
    checkKeyed(`job "${name}"`, keyed)
    const issues = (commands: CommandsMap): object => ({
      do: (decide: Deciding) => make({ ...told, read, keyed, commands, decide }),
    })
    return { issues } as never
  }
  return { reads } as never
}

type Read = JobDefinition['read']
type Deciding = (item: unknown, run: object, issue: object) => unknown
type Rejecting = (rejection: object, item: unknown, run: object, issue: object) => unknown

interface Parts extends Told {
  readonly read: Read
  readonly keyed: Keyed<unknown>
  readonly commands: CommandsMap
  readonly decide: Deciding
  readonly rejected?: Rejecting
}

type Told = Pick<JobDefinition, 'name' | 'schedule' | 'takes' | 'catchUp' | 'limitMs' | 'tries'>

function toldOf(
  name: string,
  { on, takes = {}, catchUp = 'latest', limit = '6h', tries = 5 }: JobOptions<Fields>,
): Told {
  const where = `job "${name}"`
  const shape = shapeOf(takes, where)
  const issues: Issue[] = []
  if (on !== undefined) shape.parse({}, issues, asInput)
  const [first] = issues
  if (first !== undefined) {
    throw fault('DURE_MODEL_INVALID', {
      where,
      reason: `it has a schedule, and takes what a schedule cannot give it: ${first.path} ${first.message}.`,
      fix: 'Make the fields optional(…), or leave the schedule away.',
    })
  }
  if (!Number.isInteger(tries) || tries < 1) {
    const fix = 'Give a whole number, 1 or more.'
    throw fault('DURE_MODEL_INVALID', { where, reason: `it is to be tried ${tries} times.`, fix })
  }
  return { name, schedule: on, takes: shape, catchUp, limitMs: durationMs(where, 'its limit', limit), tries }
}

function make({ read, keyed, commands, decide, rejected, ...told }: Parts): object {
  const issue = issuers(commands)
  const where = `job "${told.name}"`
  const definition: JobDefinition = {
    ...told,
    commands,
    key: keyed.key,
    tenant: keyed.tenant,
    read: async (cursor, reading) => read(cursor, reading),
    run: (item, run) => issuedList(where, decide(item, run, issue)),
    onRejected: rejected && ((no, item, run) => issuedList(where, rejected(no, item, run, issue))),
  }
  return {
    kind: 'job',
    name: told.name,
    definition,
    rejected: (handle: Rejecting) => make({ ...told, read, keyed, commands, decide, rejected: handle }),
  }
}
