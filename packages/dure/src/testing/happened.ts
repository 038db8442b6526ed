import type { AnyEvent, EventDefinition } from '../domain/event.ts'
import { prefixIssues, type Reading } from '../domain/fields/codec.ts'
import type { InputOf } from '../domain/fields/field.ts'
import { shapeOf, type Shape } from '../domain/fields/shape.ts'
import type { Issue } from '../kernel/error.ts'
import { fault } from '../kernel/errors/fault.ts'
import type { Json, JsonObject } from '../kernel/json.ts'
import type { Message } from '../model/message.ts'

/** What a test may say about an event besides its data; what it leaves out is filled in. */
export type About = Partial<Omit<Message, 'id'>> & { readonly id?: string }

/** Types only: tells an event from the data of one. */
export declare const eventBrand: unique symbol

/** An event in a test: given as past, or expected. Its data has been through storage. */
export interface Happened<K extends string = string> {
  readonly type: K
  readonly event: AnyEvent
  /** The version of the shape that `data` is stored in. */
  readonly schema: number
  /** As the store holds it. */
  readonly data: JsonObject
  readonly about: About
  /** Whether, as an expectation, it names all the data or only some of it. */
  readonly exact: boolean
  readonly [eventBrand]?: 'event'
}

type FieldsOf<E> = E extends { readonly fields: infer F } ? F : never
type Data<E, D = InputOf<FieldsOf<E>>> = {} extends D ? [data?: D, about?: About] : [data: D, about?: About]

/** How data that a test writes is read: unknown fields are slips of the pen; the rest is as strict as the log. */
export const asWritten: Reading = { strict: true, stored: true }

/** An event with all its data: `happened(OrderPlaced, { customer: 'c-1', … })`. */
export function happened<E extends AnyEvent>(event: E, ...[data, about = {}]: Data<E>): Happened<E['name']> {
  const shape = shapeOfEvent(event)
  const issues: Issue[] = []
  const values = shape.parse(data ?? {}, issues, asWritten)
  if (issues.length > 0) throw fault('DURE_EVENT_INVALID', { event: event.name, issues })
  const stored = throughJson(shape.encode(values))
  return { type: event.name, event, schema: event.version, data: stored, about, exact: true }
}

/** An expected event of which only some fields are told: `like(OrderPlaced, { customer: 'c-1' })`. */
export function like<E extends AnyEvent>(
  event: E,
  data: Partial<InputOf<FieldsOf<E>>> = {},
): Happened<E['name']> {
  const stored = encodeSome(shapeOfEvent(event), data, (issues) =>
    fault('DURE_EVENT_INVALID', { event: event.name, issues }),
  )
  return { type: event.name, event, schema: event.version, data: stored, about: {}, exact: false }
}

/** A past event as an older version of the service stored it: `stored(OrderPlaced, 1, { … })`. */
export function stored<E extends AnyEvent>(
  event: E,
  version: number,
  data: JsonObject,
  about: About = {},
): Happened<E['name']> {
  return { type: event.name, event, schema: version, data: throughJson(data), about, exact: true }
}

const shapes = new WeakMap<object, Shape>()

/** The shape of an event of the domain or of a contract. */
export function shapeOfEvent(event: AnyEvent): Shape {
  const own = (event as Partial<EventDefinition>).shape ?? shapes.get(event)
  if (own !== undefined) return own
  const made = shapeOf(event.fields, event.name)
  shapes.set(event, made)
  return made
}

/** Encodes the fields that are there, each checked; a field that is `undefined` stays as the expectation of absence. */
export function encodeSome(
  shape: Shape,
  data: object,
  refused: (issues: readonly Issue[]) => Error,
): JsonObject {
  const issues: Issue[] = []
  const out: Record<string, Json | undefined> = {}
  for (const [name, value] of Object.entries(data)) {
    const codec = shape.codecs.get(name)
    if (codec === undefined) issues.push({ path: `/${name}`, message: 'unknown field' })
    else if (value === undefined) out[name] = undefined
    else {
      const before = issues.length
      const parsed = codec.parse(value, issues, asWritten)
      if (issues.length > before) prefixIssues(issues, before, name)
      else out[name] = throughJson(codec.encode(parsed))
    }
  }
  if (issues.length > 0) throw refused(issues)
  return out as JsonObject
}

/** What comes back from a store: JSON text and nothing more. */
export function throughJson<T extends Json>(value: T): T {
  return value === undefined ? value : (JSON.parse(JSON.stringify(value)) as T)
}
