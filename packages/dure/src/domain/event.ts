import type { Issue } from '../kernel/error.ts'
import { fault } from '../kernel/errors/fault.ts'
import type { JsonObject } from '../kernel/json.ts'
import { checkName } from '../kernel/names.ts'
import { asStored } from './fields/codec.ts'
import type { Fields, InputOf, OutputOf } from './fields/field.ts'
import { shapeOf, type Shape } from './fields/shape.ts'

/** What an event is once all its versions are declared. */
export interface KnownEvent<N extends string, S> {
  readonly kind: 'event'
  readonly name: N
  readonly fields: S
  /** Version of the shape: 1, and one more for each `.from`. */
  readonly version: number
}

/**
 * A domain event: something that happened, in past tense, with what follows from it (Vernon, Implementing Domain-Driven
 * Design, ch. 8). A value to point at: policies, views and contracts take it, never its name.
 */
export interface Event<N extends string, S> extends KnownEvent<N, S> {
  /**
   * Declares an older version that the log may still hold, newest first: `.from(2, fields2, map2to3).from(1, …)`. The map
   * is pure; an old event becomes the shape declared just before it. Map what the old data can answer, else it is
   * another event.
   */
  from<F extends Fields>(
    version: number,
    fields: F,
    map: (old: OutputOf<F>) => InputOf<S>,
  ): VersionedEvent<N, S, F>
}

/** An event with at least one older version; the next `.from` leads to the oldest shape so far. */
export interface VersionedEvent<N extends string, S, Oldest> extends KnownEvent<N, S> {
  from<F extends Fields>(
    version: number,
    fields: F,
    map: (old: OutputOf<F>) => InputOf<Oldest>,
  ): VersionedEvent<N, S, F>
}

/** Any event, versioned or not. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- constraint over every event
export type AnyEvent = KnownEvent<string, any>

/** An older shape and the way to the next one. */
export interface EventVersion {
  readonly version: number
  readonly shape: Shape
  readonly map: (old: object) => object
}

/** @internal What stands behind an `Event`. */
export interface EventDefinition extends AnyEvent {
  readonly fields: Fields
  readonly shape: Shape
  /** Newest first. */
  readonly older: readonly EventVersion[]
}

/** Declares a domain event. Names are in past tense: `OrderPlaced`. */
export function event<const N extends string, S extends Fields>(name: N, fields: S): Event<N, S> {
  checkName('An event', name)
  return define(name, fields, shapeOf(fields, name), []) as unknown as Event<N, S>
}

// Versions are written newest first, but the current one is known only when the first `.from` names its predecessor.
function define(
  name: string,
  fields: Fields,
  shape: Shape,
  older: readonly EventVersion[],
): EventDefinition & Pick<Event<string, never>, 'from'> {
  return {
    kind: 'event',
    name,
    fields,
    shape,
    older,
    version: (older[0]?.version ?? 0) + 1,
    from(version: number, oldFields: Fields, map: (old: never) => object) {
      const last = older.at(-1)
      if (!Number.isInteger(version) || version < 1 || (last !== undefined && version !== last.version - 1)) {
        const wanted = last === undefined ? 'a whole number from 1' : String(last.version - 1)
        throw fault('DURE_MODEL_INVALID', {
          where: `event ${name}`,
          reason: `.from(${version}, …) is out of order; expected ${wanted}.`,
          fix: 'Declare the older versions newest first, without a gap.',
        })
      }
      const oldShape = shapeOf(oldFields, `${name} v${version}`)
      return define(name, fields, shape, [...older, { version, shape: oldShape, map: map as never }]) as never
    },
  }
}

/** @internal */
export function definitionOf(it: AnyEvent): EventDefinition {
  return it as unknown as EventDefinition
}

/** Checks what a decision wants to say; the result is frozen. */
export function checkEventData(it: EventDefinition, data: unknown): object {
  const issues: Issue[] = []
  const values = it.shape.parse(data, issues, asStored)
  if (issues.length > 0) throw fault('DURE_EVENT_INVALID', { event: it.name, issues })
  return Object.freeze(values)
}

/**
 * The current values of a stored event, or undefined when the version is unknown. A current one is trusted; an older one
 * goes through the maps and its result is checked.
 */
export function readEventData(it: EventDefinition, version: number, json: JsonObject): object | undefined {
  if (version === it.version) return Object.freeze(it.shape.decode(json))
  const start = it.older.findIndex((older) => older.version === version)
  if (start < 0) return undefined
  let values: object = (it.older[start] as EventVersion).shape.decode(json)
  for (let i = start; i >= 0; i--) {
    const mapped = (it.older[i] as EventVersion).map(values)
    const next = i === 0 ? it.shape : (it.older[i - 1] as EventVersion).shape
    const issues: Issue[] = []
    values = next.parse(mapped, issues, asStored)
    if (issues.length > 0) throw fault('DURE_EVENT_INVALID', { event: it.name, issues })
  }
  return Object.freeze(values)
}
