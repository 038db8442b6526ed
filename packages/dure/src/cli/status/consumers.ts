import type { ContextRuntime } from '../../app/context-runtime.ts'
import { sharedUpTo } from '../../engine/consuming/lineage.ts'
import { isHeld } from '../../engine/consuming/next-try.ts'
import type { InboxState } from '../../ports/inbox.ts'
import type { ParkedSequence } from '../../ports/parking.ts'
import type { Expected, Foreign } from './expected.ts'
import { reachedBy, type Follower, type Reached } from './unmet.ts'

/**
 * How a consumer stands; the first that fits. `gone`: it has parked something, and the model has it no more.
 * `elsewhere`: the log of its source is another repository's, so how far behind it is cannot be told.
 */
export type Standing = 'waiting for epoch' | 'gone' | 'elsewhere' | 'parked' | 'held' | 'behind' | 'ok'

/** Where a policy or view stands in the log of one source. */
export interface ConsumerStatus {
  readonly consumer: string
  readonly source: string
  readonly state: Standing
  /** Everything of the source up to here was met, or does not concern it. `null` where that cannot be told. */
  readonly through: number | null
  /** How many positions of the source come after that, up to where its log is settled. */
  readonly lag: number | null
  /** The first event that it has not met. */
  readonly oldest: { readonly position: number; readonly at: Date } | null
  /** Aggregates with events set aside because one of them could not be handled. */
  readonly parked: number
  /** Aggregates with events held for a newer release. */
  readonly held: number
}

/** Where a consumer stands before anything of the log was looked at. */
export interface Inboxed {
  readonly expected: Expected
  readonly inbox: InboxState
  /** Undefined where the watermarks are of an epoch that the log does not know. */
  readonly shared: number | undefined
}

/** Reads the watermarks of a consumer. */
export async function inboxOf(expected: Expected): Promise<Inboxed> {
  const { consumer, store, source } = expected
  const inbox = await store.readInbox(consumer, source.name)
  const { epoch } = inbox
  const shared = epoch === undefined ? Number.MAX_SAFE_INTEGER : sharedUpTo(source.store, epoch)
  return { expected, inbox, shared }
}

/** Follows the log where a consumer stands in it: what its slices say it has handled is met. */
function followerOf({ expected, inbox, shared = 0 }: Inboxed): Follower {
  return {
    from: Math.min(inbox.through, shared),
    isUnmet: (event) =>
      event.position > Math.min(inbox.slices.get(event.slice) ?? 0, shared) && expected.concerns(event),
  }
}

/** How far those have come whose watermarks are of the log of this source. */
export async function reachedIn(
  { store }: ContextRuntime,
  consumers: readonly Inboxed[],
): Promise<ReadonlyMap<Inboxed, Reached>> {
  const known = consumers.filter((it) => it.shared !== undefined)
  const reached = await reachedBy(store, known.map(followerOf))
  return new Map(known.map((it, i) => [it, reached[i] as Reached]))
}

/** What is to be told of a consumer. `settled`: up to where the log of its source is. */
export function statusOf(
  { expected, shared }: Inboxed,
  reached: Reached | undefined,
  settled: number,
  sequences: readonly ParkedSequence[],
  now: Date,
): ConsumerStatus {
  const { consumer, source } = expected
  const own = sequences.filter(({ first }) => first.consumer === consumer && first.source === source.name)
  const counts = countsOf(own, now)
  if (shared === undefined || reached === undefined) {
    const unknown = { through: null, lag: null, oldest: null }
    return { consumer, source: source.name, state: 'waiting for epoch', ...unknown, ...counts }
  }
  const { through } = reached
  const lag = Math.max(0, settled - through)
  // One that has come since the end of the log was looked for is left for the next time.
  const oldest = (lag > 0 ? reached.oldest : undefined) ?? null
  const state = counts.parked > 0 ? 'parked' : counts.held > 0 ? 'held' : lag > 0 ? 'behind' : 'ok'
  return { consumer, source: source.name, state, through, lag, oldest, ...counts }
}

/** What is to be told of a consumer whose source is in another repository. */
export async function statusElsewhere(
  { consumer, source, store }: Foreign,
  sequences: readonly ParkedSequence[],
  now: Date,
): Promise<ConsumerStatus> {
  const { through } = await store.readInbox(consumer, source)
  const own = sequences.filter(({ first }) => first.consumer === consumer && first.source === source)
  const counts = countsOf(own, now)
  const state = counts.parked > 0 ? 'parked' : counts.held > 0 ? 'held' : 'elsewhere'
  return { consumer, source, state, through, lag: null, oldest: null, ...counts }
}

/** Consumers that have parked something and that the model does not have, or not with this source. */
export function goneOf(
  inboxes: readonly Inboxed[],
  foreign: readonly Foreign[],
  sequences: readonly ParkedSequence[],
  now: Date,
): readonly ConsumerStatus[] {
  const known = new Set([
    ...inboxes.map(({ expected: it }) => keyOf(it.consumer, it.source.name)),
    ...foreign.map((it) => keyOf(it.consumer, it.source)),
  ])
  const others = Map.groupBy(sequences, ({ first }) => keyOf(first.consumer, first.source))
  return [...others].flatMap(([key, some]) => {
    if (known.has(key)) return []
    const { consumer, source } = (some[0] as ParkedSequence).first
    const unknown = { through: null, lag: null, oldest: null }
    return [{ consumer, source, state: 'gone' as const, ...unknown, ...countsOf(some, now) }]
  })
}

const keyOf = (consumer: string, source: string): string => `${consumer}\0${source}`

function countsOf(sequences: readonly ParkedSequence[], now: Date): Pick<ConsumerStatus, 'parked' | 'held'> {
  const held = sequences.filter(({ first }) => isHeld(first, now)).length
  return { parked: sequences.length - held, held }
}
