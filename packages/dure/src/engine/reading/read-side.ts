import type { Progress } from '../../app/reading.ts'
import type { ConsumerFailure, ConsumerState } from '../consumer.ts'
import type { RelayStatus } from '../bus/relay.ts'

/** What a consumer reports about itself. */
export interface ConsumerStatus {
  readonly context: string
  readonly consumer: string
  readonly source: string
  readonly state: ConsumerState
  /** Why it does not get on, where it does not. */
  readonly failure?: ConsumerFailure
  readonly through: number
  /** Aggregates whose events are set aside, because one of them could not be handled. */
  readonly parked: number
  /** Aggregates whose events are held for a newer release that may know them. */
  readonly held: number
  readonly mark: number
}

/** The reading side of a process: it keeps the views and carries out the policies, or knows how far those are who do. */
export interface ReadSide extends Progress {
  start(): Promise<void>
  /** Resolves when everything that is stored now has been met, and all that followed from it; or at the stop. */
  settled(): Promise<void>
  /** As `settled`, for one context of this process alone: to the position up to which its log was settled. */
  settledIn(context: string): Promise<number>
  /** How far each view and policy has come. */
  status(): readonly ConsumerStatus[]
  /** How far each context's events have been published. */
  relays(): readonly RelayStatus[]
  /** Stops what runs; what is in the middle of a commit is finished. */
  stop(): Promise<void>
}
