import type { Issue } from '../kernel/error.ts'
import { fault } from '../kernel/errors/fault.ts'
import { checkName } from '../kernel/names.ts'
import type { Emitted } from './decision.ts'
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

/** What every event says of its past, whatever its versions. */
interface Lasting<N extends string, S> extends KnownEvent<N, S> {
  /**
   * Retires the event: nothing emits it any more, and those in the log are read as what `split` makes of them, in order;
   * an empty list means that they no longer matter. Pure. Goes into `retired` of the aggregate.
   */
  becomes<const T extends readonly AnyEvent[]>(
    events: T,
    split: (old: OutputOf<S>, emit: Emitting<T>) => readonly Emitted<T[number]['name']>[],
  ): RetiredEvent<T[number]['name']>
}

type Emitting<T extends readonly AnyEvent[]> = {
  readonly [E in T[number] as E['name']]: (data: InputOf<E['fields']>) => Emitted<E['name']>
}

/**
 * A domain event: something that happened, in past tense, with what follows from it (Vernon, Implementing Domain-Driven
 * Design, ch. 8). A value to point at: policies, views and contracts take it, never its name.
 */
export interface Event<N extends string, S> extends Lasting<N, S> {
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
  /**
   * Names that the event had: what is stored under them is read as this event, at the version it was stored with. The
   * numbers go on over the rename.
   */
  formerly(...names: readonly [string, ...string[]]): Event<N, S>
}

/** An event with at least one older version; the next `.from` leads to the oldest shape so far. */
export interface VersionedEvent<N extends string, S, Oldest> extends Lasting<N, S> {
  from<F extends Fields>(
    version: number,
    fields: F,
    map: (old: OutputOf<F>) => InputOf<Oldest>,
  ): VersionedEvent<N, S, F>
  /** As `formerly` of an event. */
  formerly(...names: readonly [string, ...string[]]): VersionedEvent<N, S, Oldest>
}

/** An event that is no longer emitted, and the events of today that those in the log are read as. */
export interface RetiredEvent<K extends string> {
  readonly kind: 'retired-event'
  readonly name: string
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the fields are known to `becomes`
  readonly into: readonly KnownEvent<K, any>[]
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
  /** Names that it had. */
  readonly formerNames: readonly string[]
}

/** @internal What stands behind a `RetiredEvent`. */
export interface RetiredDefinition extends RetiredEvent<string> {
  readonly event: EventDefinition
  readonly split: (old: object, emit: object) => unknown
}

/** Declares a domain event. Names are in past tense: `OrderPlaced`. */
export function event<const N extends string, S extends Fields>(name: N, fields: S): Event<N, S> {
  checkName('An event', name)
  const shape = shapeOf(fields, name)
  return withSteps({ kind: 'event', name, version: 1, fields, shape, older: [], formerNames: [] }) as never
}

// Versions are written newest first, but the current one is known only when the first `.from` names its predecessor.
function withSteps(it: EventDefinition): EventDefinition {
  const steps = {
    from(version: number, fields: Fields, map: EventVersion['map']) {
      const last = it.older.at(-1)
      mustFollow(it.name, version, last)
      const shape = shapeOf(fields, `${it.name} v${version}`)
      const older = [...it.older, { version, shape, map }]
      return withSteps({ ...it, older, version: last === undefined ? version + 1 : it.version })
    },
    formerly(...names: readonly string[]) {
      for (const name of names) checkName(`A former name of ${it.name}`, name)
      return withSteps({ ...it, formerNames: [...it.formerNames, ...names] })
    },
    becomes: (into: readonly AnyEvent[], split: RetiredDefinition['split']): RetiredDefinition => ({
      kind: 'retired-event',
      name: it.name,
      event: it,
      into,
      split,
    }),
  }
  return { ...it, ...steps }
}

function mustFollow(name: string, version: number, last: EventVersion | undefined): void {
  if (Number.isInteger(version) && version >= 1 && (last === undefined || version === last.version - 1))
    return
  const wanted = last === undefined ? 'a whole number from 1' : String(last.version - 1)
  throw fault('DURE_MODEL_INVALID', {
    where: `event ${name}`,
    reason: `.from(${version}, …) is out of order; expected ${wanted}.`,
    fix: 'Declare the older versions newest first, without a gap.',
  })
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
