import type { AggregateDefinition, Emission } from '../../domain/aggregate-definition.ts'
import { fault } from '../../kernel/errors/fault.ts'
import type { NewEvent } from '../../ports/event-store.ts'

/** Encodes decided events for the store. */
export function encodeEvents(
  definition: AggregateDefinition,
  events: readonly Emission[],
): readonly NewEvent[] {
  return events.map(({ type, data }) => {
    const it = definition.events.get(type)
    if (it === undefined) throw fault('DURE_DECISION_INVALID', { command: definition.name, found: type })
    return { type, schema: it.version, data: it.shape.encode(data) }
  })
}
