import type { AggregateDefinition } from '../../domain/aggregate-definition.ts'
import { readRecorded } from '../../domain/restore.ts'
import { isDureError } from '../../kernel/error.ts'
import type { JsonObject } from '../../kernel/json.ts'
import type { StoredEvent } from '../../ports/event-store.ts'

/** A stored event as the model of today reads it. */
export interface CurrentLine extends StoredEvent {
  /** What it is stored as, where that is something else. */
  readonly stored?: { readonly type: string; readonly schema: number }
}

/** One line for each event of today; the code and the sentence of the error where it cannot be read. */
export function currentLines(
  aggregate: AggregateDefinition,
  event: StoredEvent,
): readonly CurrentLine[] | { readonly code: string; readonly reason: string } {
  try {
    return readRecorded(aggregate, event.stream.id, event).map(({ definition, data }) => {
      const { name: type, version: schema, shape } = definition
      const same = type === event.type && schema === event.schema
      const stored = { type: event.type, schema: event.schema }
      const json: JsonObject = shape.encode(data)
      return { ...event, type, schema, data: json, ...(!same && { stored }) }
    })
  } catch (error) {
    if (!isDureError(error)) throw error
    return { code: error.code, reason: error.message }
  }
}
