import { definitionOf, type AnyEvent } from '../domain/event.ts'
import { frozen } from '../domain/frozen.ts'
import { upcast } from '../domain/history/upcast.ts'
import { fault } from '../kernel/errors/fault.ts'
import { publisherOf } from '../model/contract.ts'
import type { Message } from '../model/message.ts'
import { shapeOfEvent, type Happened } from './happened.ts'
import { foreign } from './outcome.ts'

/** An event as a subscriber gets it: read from JSON, upcast, with its message. */
export interface Received {
  readonly data: object
  readonly message: Message
}

/** What a subscriber gets, `version` counting the events of the same aggregate. */
export function received(it: Happened, version = 1): Received {
  const message: Message = {
    id: 'id-1' as Message['id'],
    at: new Date('2026-01-01T00:00:00Z'),
    version,
    actor: 'tester',
    tenant: 'test',
    correlation: 'test',
    ...(it.about as Partial<Message>),
  }
  return { data: frozen(dataOf(it)), message: Object.freeze(message) }
}

/** @throws DURE_MODEL_INVALID when the event is not the one that is subscribed to. */
export function mustSubscribe(what: string, events: readonly AnyEvent[], it: Happened): void {
  if (!events.includes(it.event)) throw foreign(what, it)
}

function dataOf(it: Happened): object {
  // A contract's event has one version, and its fields alone.
  if (publisherOf(it.event) !== undefined) return shapeOfEvent(it.event).decode(it.data)
  const data = upcast(definitionOf(it.event), it.schema, it.data)
  if (data !== undefined) return data
  throw fault('DURE_EVENT_VERSION_UNKNOWN', {
    aggregate: 'a test',
    id: it.about.id ?? '',
    position: 1,
    type: it.type,
    found: it.schema,
    known: it.event.version,
  })
}
