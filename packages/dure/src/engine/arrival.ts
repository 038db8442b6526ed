import type { Published } from '../app/publications.ts'
import type { StoredEvent } from '../ports/event-store.ts'

/** Where an event stands, and what is known of it besides its data. */
export type PlacedEvent = Omit<StoredEvent, 'type' | 'schema' | 'data'>

/** One event under the name and in the shape of the contract. */
export interface PublishedPart extends Published {
  /** Which of the events that the stored one is read as it was made of, from 0. */
  readonly part: number
}

/** An event as it came over the bus, in the words of the contract of its context. */
export interface PublishedEvent extends PlacedEvent {
  readonly published: readonly PublishedPart[]
  /** Why its context could not read it; whoever could be concerned finds it in the log later. */
  readonly unreadable?: { readonly code: string; readonly reason: string }
}

/** An event as it reaches a consumer: as the log holds it, or as it was published. */
export type Arrival = StoredEvent | PublishedEvent

/** Whether it came over the bus. */
export function isPublished(event: Arrival): event is PublishedEvent {
  return 'published' in event
}
