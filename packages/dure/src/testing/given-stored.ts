import type { AnyEvent, EventDefinition, RetiredDefinition, RetiredEvent } from '../domain/event.ts'
import { definitionOf } from '../domain/event.ts'
import type { InputOf } from '../domain/fields/field.ts'
import { recordedTypesOf, type Split } from '../domain/history/recorded-types.ts'
import type { Issue } from '../kernel/error.ts'
import { fault } from '../kernel/errors/fault.ts'
import { sameJson, type JsonObject } from '../kernel/json.ts'
import { ExpectationFailed } from './expectation.ts'
import { encodeSome, shapeOfEvent, stored, throughJson, type Happened } from './happened.ts'
import { only } from './outcome.ts'
import { received } from './received.ts'

type DataOf<E> = E extends { readonly fields: infer F } ? InputOf<F> : never

/** What the model of today makes of a stored event. */
interface ReadEvent<E> {
  /** The current data, of which the fields that are told must match. */
  thenReads(data: Partial<DataOf<E>>): void
}

/** What the model of today makes of a retired event. */
interface ReadRetired<K extends string> {
  /** Exactly these events, in this order; `happened` tells all of the data, `like` some of it. */
  thenBecomes(...events: readonly Happened<K>[]): void
}

/**
 * Reads an event that an older version of the service stored: through its `.from(…)`, and one that is retired through its
 * `.becomes(…)` too.
 *
 * @example
 * givenStored(OrderPlaced, 1, { customer: 'c-1', amount: 1000 }).thenReads({ total: { amount: 1000, currency: 'KRW' } })
 */
export function givenStored<E extends AnyEvent>(event: E, version: number, data: JsonObject): ReadEvent<E>
export function givenStored<K extends string>(
  event: RetiredEvent<K>,
  version: number,
  data: JsonObject,
): ReadRetired<K>
export function givenStored(
  event: AnyEvent | RetiredEvent<string>,
  version: number,
  data: JsonObject,
): object {
  return event.kind === 'event' ? readEvent(event, version, data) : readRetired(event, version, data)
}

function readEvent(event: AnyEvent, version: number, data: JsonObject): ReadEvent<AnyEvent> {
  const shape = shapeOfEvent(event)
  const read = (): JsonObject => throughJson(shape.encode(received(stored(event, version, data)).data))
  const once = read()
  const again = read()
  if (!sameJson(once, again)) {
    throw new ExpectationFailed(`.from(${version}, …) of ${event.name} is not pure`, once, again)
  }
  return {
    thenReads(expected) {
      const invalid = (issues: readonly Issue[]) => fault('DURE_EVENT_INVALID', { event: event.name, issues })
      const wanted = encodeSome(shape, expected, invalid)
      const found = only(once, wanted)
      if (sameJson(found, wanted)) return
      throw new ExpectationFailed(
        `${event.name} of version ${version} is read as something else`,
        wanted,
        found,
      )
    },
  }
}

interface Part extends JsonObject {
  readonly type: string
  readonly data: JsonObject
}

function readRetired(retired: RetiredEvent<string>, version: number, data: JsonObject): ReadRetired<string> {
  const { event } = retired as RetiredDefinition
  const targets = new Map(retired.into.map((it) => [it.name, definitionOf(it)]))
  const known = recordedTypesOf('a test', targets, [retired as RetiredDefinition])
  const { split } = known.get(event.name) as { readonly split: Split }
  const read = (): readonly Part[] =>
    split.divide(received(stored(event, version, data)).data).map(({ type, data: values }) => ({
      type,
      data: throughJson((targets.get(type) as EventDefinition).shape.encode(values)),
    }))
  const once = read()
  const again = read()
  if (!sameJson(once, again)) {
    throw new ExpectationFailed(`.becomes(…) of ${event.name} is not pure`, once, again)
  }
  return {
    thenBecomes(...expected) {
      const wanted = expected.map((it) => ({ type: it.type, data: it.data }))
      const found = once.map((it, i) => {
        const like = expected[i]
        const some = like !== undefined && !like.exact && like.type === it.type
        return some ? { type: it.type, data: only(it.data, like.data) } : it
      })
      if (sameJson(found, wanted)) return
      throw new ExpectationFailed(`${event.name} of version ${version} becomes something else`, wanted, found)
    },
  }
}
