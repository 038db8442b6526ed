import { fault } from '../kernel/errors/fault.ts'
import { isDureError } from '../kernel/error.ts'
import type { JsonObject } from '../kernel/json.ts'
import type { AggregateDefinition, Emission, State } from './aggregate-definition.ts'
import { step } from './decide.ts'
import type { EventDefinition } from './event.ts'
import { frozen } from './frozen.ts'
import type { RecordedType, Split } from './history/recorded-types.ts'
import { upcast } from './history/upcast.ts'

/** A stored event, as much of it as the domain needs. */
export interface RecordedEvent {
  readonly type: string
  readonly schema: number
  readonly data: JsonObject
  readonly position: number
}

/** An event as the model of today reads it. */
export interface CurrentEvent {
  readonly definition: EventDefinition
  readonly data: object
}

/**
 * The state after stored events, from a state before them. Trusts what is stored; what it cannot understand it names by
 * stream, position and type. Undefined before the first event and once the aggregate has ended.
 */
export function restore(
  aggregate: AggregateDefinition,
  id: string,
  events: readonly RecordedEvent[],
  from?: State,
): State | undefined {
  let state = from
  for (const event of events) {
    const { definition, split } = typeOf(aggregate, id, event)
    const data = dataOf(aggregate, id, event, definition)
    if (split !== undefined) {
      const after = foldParts(aggregate, id, event, divided(aggregate, id, event, split, data), state)
      if (after === 'ended') return undefined
      state = after
    } else if (aggregate.ends.has(definition.name)) return undefined
    else state = fold(aggregate, id, event, state, definition.name, data)
  }
  if (state === undefined && events.length > 0) {
    throw unreadable(
      aggregate,
      id,
      events.at(-1) as RecordedEvent,
      'no event up to here starts the aggregate',
    )
  }
  return frozen(state)
}

/** One stored event as the model of today reads it: as one event, for a retired one as any number. */
export function readRecorded(
  aggregate: AggregateDefinition,
  id: string,
  event: RecordedEvent,
): readonly CurrentEvent[] {
  const { definition, split } = typeOf(aggregate, id, event)
  const data = dataOf(aggregate, id, event, definition)
  if (split === undefined) return [{ definition, data }]
  return divided(aggregate, id, event, split, data).map((it) => ({
    definition: aggregate.events.get(it.type) as EventDefinition,
    data: it.data,
  }))
}

function typeOf(aggregate: AggregateDefinition, id: string, event: RecordedEvent): RecordedType {
  const found = aggregate.recorded.get(event.type)
  if (found !== undefined) return found
  const { position, type } = event
  throw fault('DURE_EVENT_UNKNOWN', { aggregate: aggregate.name, id, position, type })
}

function dataOf(
  aggregate: AggregateDefinition,
  id: string,
  event: RecordedEvent,
  definition: EventDefinition,
): object {
  let data: object | undefined
  try {
    data = upcast(definition, event.schema, event.data)
  } catch (error) {
    throw unreadable(aggregate, id, event, error)
  }
  if (data !== undefined) return data
  const { position, type, schema } = event
  const at = { aggregate: aggregate.name, id, position, type }
  throw fault('DURE_EVENT_VERSION_UNKNOWN', { ...at, found: schema, known: definition.version })
}

function divided(
  aggregate: AggregateDefinition,
  id: string,
  event: RecordedEvent,
  split: Split,
  data: object,
): readonly Emission[] {
  try {
    return split.divide(data)
  } catch (error) {
    throw unreadable(aggregate, id, event, error)
  }
}

function fold(
  aggregate: AggregateDefinition,
  id: string,
  event: RecordedEvent,
  before: State | undefined,
  type: string,
  data: object,
): State {
  let state: State | undefined
  try {
    state = step(aggregate, before, type, data)
  } catch (error) {
    throw unreadable(aggregate, id, event, error)
  }
  if (state === undefined) throw unreadable(aggregate, id, event, misplaced(event, type))
  return state
}

function foldParts(
  aggregate: AggregateDefinition,
  id: string,
  event: RecordedEvent,
  parts: readonly Emission[],
  before: State | undefined,
): State | 'ended' | undefined {
  let state = before
  for (const [i, { type, data }] of parts.entries()) {
    if (!aggregate.ends.has(type)) state = fold(aggregate, id, event, state, type, data)
    else if (i === parts.length - 1) return 'ended'
    else
      throw unreadable(
        aggregate,
        id,
        event,
        `it becomes ${type}, which ends the aggregate, and more after it`,
      )
  }
  return state
}

function misplaced(event: RecordedEvent, type: string): string {
  return type === event.type ? 'it cannot stand here' : `${type}, as which it is read, cannot stand here`
}

function unreadable(aggregate: AggregateDefinition, id: string, event: RecordedEvent, why: unknown): Error {
  if (isDureError(why, 'DURE_SCHEMA_ASYNC')) return why
  const reason = why instanceof Error ? why.message : String(why)
  const { position, type } = event
  return fault('DURE_EVENT_UNREADABLE', { aggregate: aggregate.name, id, position, type, reason }, why)
}
