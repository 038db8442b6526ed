import {
  aggregateOf,
  eventShapesOf,
  messageOf,
  recordedTypeOf,
  type ContextRuntime,
} from '../app/context-runtime.ts'
import { definitionOf, type AnyEvent, type EventDefinition } from '../domain/event.ts'
import { asStored } from '../domain/fields/codec.ts'
import type { Fields } from '../domain/fields/field.ts'
import { shapeOf, type Shape } from '../domain/fields/shape.ts'
import { readRecorded, type CurrentEvent } from '../domain/restore.ts'
import type { Issue } from '../kernel/error.ts'
import { fault } from '../kernel/errors/fault.ts'
import type { JsonObject } from '../kernel/json.ts'
import type { ContractEvent } from '../model/contract.ts'
import { publisherOf } from '../model/contract.ts'
import type { ContextDefinition } from '../model/context.ts'
import type { Message } from '../model/message.ts'
import type { Translator } from '../model/translator.ts'
import type { StoredEvent } from '../ports/event-store.ts'
import { isPublished, type Arrival, type PublishedEvent, type PublishedPart } from './arrival.ts'

/** An event as a subscriber gets it. */
export interface Incoming {
  readonly data: object
  readonly message: Message
  /** Which of the events that the stored one is read as, from 0; only a retired event is read as more than one. */
  readonly part: number
}

/** What reading the events of a context takes of its model. */
export type EventOrigin = Pick<ContextRuntime, 'name' | 'aggregates' | 'publications' | 'eventShapes'>

/**
 * A context that runs elsewhere: its events come as it has published them, in the shapes of its contract, and what is behind
 * them is not known here.
 */
export function originElsewhere(definition: ContextDefinition): EventOrigin {
  const publications = { of: () => [], has: () => false, publishes: () => false }
  return {
    name: definition.name,
    aggregates: new Map(),
    publications,
    eventShapes: eventShapesOf(definition),
  }
}

/** How one subscription finds its events among those of one source. */
export interface Channel {
  readonly source: EventOrigin
  /** Cheap and without decoding: whether `read` could find anything. */
  concerns(event: Arrival): boolean
  /**
   * The event for the subscriber, once per publication and part, in order; empty where what arrives is none of its
   * business.
   */
  read(event: Arrival): readonly Incoming[]
}

/**
 * Finds where a subscribed event comes from: inside the context, published by another, or translated at the edge (perhaps
 * from several) into a message of the context's own. What crosses a boundary is encoded and decoded, so nothing is shared
 * by reference.
 */
export function channelsOf(
  context: EventOrigin & Pick<ContextRuntime, 'definition'>,
  event: AnyEvent,
  contexts: ReadonlyMap<string, EventOrigin>,
): readonly Channel[] {
  const publisher = publisherOf(event)
  if (publisher !== undefined) {
    const source = contexts.get(publisher)
    return source ? [publishedChannel(source, event as ContractEvent<string, string, never>)] : []
  }
  const translators = context.definition.translators.filter((it) => it.to === event)
  if (translators.length === 0) return [innerChannel(context, event)]
  return translators.flatMap((translator) => {
    const source = contexts.get(translator.from.context)
    return source ? [translatedChannel(publishedChannel(source, translator.from), translator)] : []
  })
}

/** Channels by the context they read. */
export function bySource<T extends { readonly channel: Channel }>(
  heard: readonly T[],
): readonly (readonly T[])[] {
  return [...Map.groupBy(heard, (it) => it.channel.source.name).values()]
}

/** What a subscriber gets of one stored event through all its channels: part by part. */
export function inOrder<T extends Pick<Incoming, 'part'>>(heard: readonly T[]): readonly T[] {
  return heard.some((it) => it.part > 0) ? heard.toSorted((a, b) => a.part - b.part) : heard
}

// A stored event that the model does not know concerns everybody: reading it fails and parks it, because to pass over it
// could be to lose it.
function concernsWhere(source: EventOrigin, wanted: (event: EventDefinition) => boolean) {
  return (stored: StoredEvent): boolean => {
    const type = recordedTypeOf(source, stored)
    if (type === undefined) return true
    return type.split === undefined ? wanted(type.definition) : type.split.into.some(wanted)
  }
}

function innerChannel(source: EventOrigin, event: AnyEvent): Channel {
  const wanted = definitionOf(event)
  const concerns = concernsWhere(source, (it) => it === wanted)
  return {
    source,
    // Nobody's inner events travel: what comes over the bus is of another context.
    concerns: (it) => !isPublished(it) && concerns(it),
    read(it) {
      if (isPublished(it) || !concerns(it)) return []
      const message = messageOf(it)
      return currentOf(source, it).flatMap(({ definition, data }, part) =>
        definition === wanted ? [{ data, message, part }] : [],
      )
    },
  }
}

function publishedChannel(source: EventOrigin, event: ContractEvent<string, string, unknown>): Channel {
  const shape = source.eventShapes.get(event.name) as Shape
  const stored = concernsWhere(source, (it) => source.publications.publishes(it, event.name))
  const concerns = (it: Arrival): boolean =>
    isPublished(it)
      ? it.unreadable !== undefined || it.published.some(({ type }) => type === event.name)
      : stored(it)
  return {
    source,
    concerns,
    read(it) {
      if (!concerns(it)) return []
      const message = messageOf(it)
      return publishedOf(source, it)
        .filter(({ type }) => type === event.name)
        .map(({ data, part }) => ({ data: Object.freeze(shape.decode(crossing(data))), message, part }))
    },
  }
}

/** What a context publishes of an event; @throws what reading it threw where it was published. */
function publishedOf(source: EventOrigin, event: Arrival): readonly PublishedPart[] {
  if (!isPublished(event)) return publishedBy(source, event)
  if (event.unreadable === undefined) return event.published
  throw unpublished(source, event, event.unreadable)
}

function unpublished(
  { name }: EventOrigin,
  { position }: PublishedEvent,
  { code, reason }: { readonly code: string; readonly reason: string },
): Error {
  return fault('DURE_EVENT_UNPUBLISHED', { context: name, position, code, reason })
}

/** What a context publishes of a stored event, under the names of its contract. @throws when the event cannot be read */
export function publishedBy(source: EventOrigin, stored: StoredEvent): readonly PublishedPart[] {
  const { publications } = source
  const type = recordedTypeOf(source, stored)
  const has = type === undefined || (type.split?.into ?? [type.definition]).some((it) => publications.has(it))
  if (!has) return []
  const message = messageOf(stored)
  return currentOf(source, stored).flatMap(({ definition, data }, part) =>
    publications.of(definition, data, message).map((it) => ({ ...it, part })),
  )
}

// Encoding may pass the values of foreign schemas through by reference; a real boundary would not.
function crossing(data: JsonObject): JsonObject {
  return structuredClone(data)
}

function translatedChannel(from: Channel, translator: Translator): Channel {
  const own = translator.to
  const shape = shapeOf(own.fields as Fields, own.name)
  const translate = translator.translate as (data: object, message: Message) => unknown
  return {
    source: from.source,
    concerns: (event) => from.concerns(event),
    read: (event) =>
      from.read(event).flatMap(({ data, message, part }) => {
        const said = translate(data, message)
        if (said === undefined) return []
        const issues: Issue[] = []
        const values = shape.parse(said, issues, asStored)
        if (issues.length > 0) throw fault('DURE_EVENT_INVALID', { event: own.name, issues })
        return [{ data: Object.freeze(values), message, part }]
      }),
  }
}

function currentOf(source: EventOrigin, stored: StoredEvent): readonly CurrentEvent[] {
  return readRecorded(aggregateOf(source, stored), stored.stream.id, stored)
}
