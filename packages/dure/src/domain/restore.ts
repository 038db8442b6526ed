import { fault } from '../kernel/errors/fault.ts'
import { isDureError } from '../kernel/error.ts'
import type { JsonObject } from '../kernel/json.ts'
import type { AggregateDefinition, State } from './aggregate-definition.ts'
import { step } from './decide.ts'
import { readEventData } from './event.ts'
import { frozen } from './frozen.ts'

/** A stored event, as much of it as the domain needs. */
export interface RecordedEvent {
  readonly type: string
  readonly schema: number
  readonly data: JsonObject
  readonly position: number
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
    const data = readRecorded(aggregate, id, event)
    if (aggregate.ends.has(event.type)) return undefined
    try {
      state = step(aggregate, state, event.type, data)
    } catch (error) {
      throw unreadable(aggregate, id, event, error)
    }
    if (state === undefined) throw unreadable(aggregate, id, event, 'it cannot stand here')
  }
  return frozen(state)
}

/** The current data of one stored event. */
export function readRecorded(aggregate: AggregateDefinition, id: string, event: RecordedEvent): object {
  const definition = aggregate.events.get(event.type)
  const at = { aggregate: aggregate.name, id, position: event.position, type: event.type }
  if (definition === undefined) throw fault('DURE_EVENT_UNKNOWN', at)
  let data: object | undefined
  try {
    data = readEventData(definition, event.schema, event.data)
  } catch (error) {
    throw unreadable(aggregate, id, event, error)
  }
  if (data === undefined) {
    throw fault('DURE_EVENT_VERSION_UNKNOWN', { ...at, found: event.schema, known: definition.version })
  }
  return data
}

function unreadable(aggregate: AggregateDefinition, id: string, event: RecordedEvent, why: unknown): Error {
  if (isDureError(why, 'DURE_SCHEMA_ASYNC')) return why
  const reason = why instanceof Error ? why.message : String(why)
  const { position, type } = event
  return fault('DURE_EVENT_UNREADABLE', { aggregate: aggregate.name, id, position, type, reason }, why)
}
