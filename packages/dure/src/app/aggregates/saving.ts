import type { Decided } from '../../domain/decide.ts'
import { fault } from '../../kernel/errors/fault.ts'
import type { CommitOutcome, StreamId } from '../../ports/event-store.ts'
import type { Baseline, Keeper } from './keeper.ts'

/** What a repository was told to save. */
export interface Saved {
  readonly keeper: Keeper
  readonly stream: StreamId
  readonly before: Baseline
  readonly decided: Decided
}

/** Stores what repositories save: at once, or together at the end of a unit of work. */
export interface Saving {
  save(it: Saved): Promise<void>
}

type Refused = Extract<CommitOutcome, { readonly ok: false }>

/** What a refused commit means to whoever saved; `saved` as they were handed to the store. */
export function refusal(outcome: Refused, saved: readonly Saved[]): Error {
  const stream = 'stream' in outcome ? outcome.stream : undefined
  const isIt = ({ stream: own }: Saved): boolean =>
    own.id === stream?.id && own.aggregate === stream.aggregate
  const it = saved.find(isIt) ?? saved[0]
  const { aggregate = '', id = '' } = it?.stream ?? {}
  const expected = it?.before.version ?? 0
  if (outcome.reason === 'unique') {
    const { name: rule, value } = outcome.claim
    return fault('DURE_UNIQUE_TAKEN', { aggregate, id, rule, value })
  }
  if (expected === 0) return fault('DURE_AGGREGATE_EXISTS', { aggregate, id })
  return fault('DURE_VERSION_CONFLICT', { aggregate, id, expected })
}
