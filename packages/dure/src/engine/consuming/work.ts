import type { Commit, CommitOutcome } from '../../ports/event-store.ts'
import type { Arrival } from '../arrival.ts'

/** Tells the outside what happens; each line has a code or a name, never data. */
export interface EngineLog {
  (
    level: 'debug' | 'info' | 'warn' | 'error',
    message: string,
    fields: Readonly<Record<string, unknown>>,
  ): void
  /** Says that nobody hears `debug`, so that what is only for it need not be put together. */
  readonly quiet?: boolean
}

/** What a consumer does with a page of events, already without those that it has handled or parked. */
export interface Work {
  /** Stores the effects together with the mark; several commits are fine, in order. Throws `Poison` for one bad event. */
  handle(page: readonly Arrival[], mark: Mark, pause: Pause): Promise<void>
}

/** Waits; throws when the consumer is being stopped, so that nobody waits for the waiting. */
export type Pause = (ms: number) => Promise<void>

/** What says in a commit that these events are handled: the move of the watermarks, or their leave from the park. */
export type Mark = (handled: readonly Arrival[]) => Pick<Commit, 'inbox' | 'unparks'>

/** An event that cannot be handled, now or later, as things stand. */
export class Poison {
  readonly event: Arrival
  readonly why: unknown
  constructor(event: Arrival, why: unknown) {
    this.event = event
    this.why = why
  }
}

/** The work is not to go on: another process has handled the events (the watermark is not where it was), or this one stops. */
export class Overtaken extends Error {
  override readonly name = 'Overtaken'
}

/** Throws `Overtaken` unless the outcome is a success or a version conflict, which the caller decides again. */
export function storedOrOvertaken(outcome: CommitOutcome): boolean {
  if (!outcome.ok && outcome.reason === 'inbox') throw new Overtaken()
  return outcome.ok
}
