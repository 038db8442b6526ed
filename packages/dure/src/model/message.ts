import type { Id } from '../kernel/brand.ts'

/** What is known of an event besides its data: its message. */
export interface Message {
  /** Id of the aggregate that the event happened to. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the kind is known to the subscriber, not to the event
  readonly id: Id<any>
  readonly at: Date
  /** Version of the aggregate after the event. */
  readonly version: number
  readonly actor: string
  readonly tenant: string
  /** Shared by everything that one request from outside caused. */
  readonly correlation: string
}
