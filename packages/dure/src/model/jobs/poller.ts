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

/** One look at the source. */
export interface Poll {
  /** When it began. */
  readonly at: Date
}

/** What a source is asked with: as handlers read. */
export interface PollReading extends Reading {
  /** Aborted when the poll is no longer waited for. */
  readonly signal: AbortSignal
}

/** What a source has that is new. */
export interface Polled<I, C> {
  readonly items: readonly I[]
  /** Where to go on: kept in the transaction of the last effect. */
  readonly cursor: C
  /** There is more now: ask again at once. */
  readonly more?: boolean | undefined
}

/** What a poller must and may be told. */
export interface PollerOptions<I, C extends Json> extends Keyed<I> {
  /** How long is waited between the beginnings of two polls. */
  readonly every: Duration
  /**
   * Asks the source for what comes after the cursor, undefined at first. The cursor is a text unless its type is written
   * down. The same cursor may be asked for again.
   */
  readonly from: (cursor: C | undefined, reading: PollReading) => Polled<I, C> | Promise<Polled<I, C>>
  /** How long the keys of handled items are kept, so that the source may repeat them; `7d` when absent. */
  readonly remember?: Duration
  /** How long the source may take to answer; `1m` when absent. */
  readonly patience?: Duration
}

/**
 * A poller: brings in what a source outside has that is new, now and again, in one process at a time. Each item becomes
 * commands, once: its key is stored in their transaction, and the cursor with the last of them. A source that fails is
 * asked again with growing pauses, and nothing of it is passed over.
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- any item
export interface Poller<I = any, C extends CommandsMap = CommandsMap> {
  readonly kind: 'poller'
  readonly name: string
  readonly definition: PollerDefinition
  /** What to do when an issued command is rejected. Without it, the poller stays at the item and says so. */
  rejected(
    handle: (rejection: IssueRejection<C>, item: I, poll: Poll, issue: Issuers<C>) => Outcome<C>,
  ): Poller<I, C>
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- constraint over every poller
export type AnyPoller = Poller<any, any>

/** A poller as data. */
export interface PollerDefinition extends ItemsDefinition {
  /** `every 30s`. */
  readonly text: string
  readonly everyMs: number
  readonly rememberMs: number
  readonly patienceMs: number
  readonly from: (cursor: Json | undefined, reading: PollReading) => Promise<Polled<unknown, Json>>
}

interface PollerItems<I> {
  /** The commands of its own context that the poller may issue, and no others. */
  issues<const C extends CommandsMap>(
    commands: C,
  ): {
    /** What an item is in the words of this context. Pure. */
    do(decide: (item: I, poll: Poll, issue: Issuers<C>) => Outcome<C>): Poller<I, C>
  }
}

/** Declares a poller, named by what it brings: `poller('bank statements', { every: '1m', from: statements, key: … })`. */
export function poller<I, C extends Json = string>(
  name: string,
  options: PollerOptions<I, C>,
): PollerItems<I> {
  checkTaskName('poller', name)
  const where = `poller "${name}"`
  checkKeyed(where, options)
  const { every, from, key, tenant, remember = '7d', patience = '1m' } = options
  const told = {
    name,
    text: `every ${every}`,
    everyMs: durationMs(where, 'its interval', every),
    rememberMs: durationMs(where, 'how long it remembers', remember),
    patienceMs: durationMs(where, 'its patience', patience),
    key,
    tenant,
    from: async (cursor: Json | undefined, reading: PollReading) => from(cursor as C | undefined, reading),
  } as Told
  const issues = (commands: CommandsMap): object => ({
    do: (decide: Deciding) => make(told, commands, decide),
  })
  return { issues } as never
}

type Told = Omit<PollerDefinition, 'commands' | 'run' | 'onRejected'>
type Deciding = (item: unknown, poll: object, issue: object) => unknown
type Rejecting = (rejection: object, item: unknown, poll: object, issue: object) => unknown

function make(told: Told, commands: CommandsMap, decide: Deciding, rejected?: Rejecting): object {
  const issue = issuers(commands)
  const where = `poller "${told.name}"`
  const definition: PollerDefinition = {
    ...told,
    commands,
    run: (item, poll) => issuedList(where, decide(item, poll, issue)),
    onRejected: rejected && ((no, item, poll) => issuedList(where, rejected(no, item, poll, issue))),
  }
  return {
    kind: 'poller',
    name: told.name,
    definition,
    rejected: (handle: Rejecting) => make(told, commands, decide, handle),
  }
}
