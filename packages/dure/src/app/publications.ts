import type { EventDefinition } from '../domain/event.ts'
import { definitionOf } from '../domain/event.ts'
import { asStored } from '../domain/fields/codec.ts'
import type { Shape } from '../domain/fields/shape.ts'
import type { Issue } from '../kernel/error.ts'
import { fault } from '../kernel/errors/fault.ts'
import type { JsonObject } from '../kernel/json.ts'
import type { ContextDefinition } from '../model/context.ts'
import type { Message } from '../model/message.ts'

/** A published event, encoded as it crosses the boundary. */
export interface Published {
  readonly type: string
  readonly data: JsonObject
}

/** What a context publishes, by inner event. */
export interface Publications {
  /** The inner event's publications; empty for most events. */
  of(event: EventDefinition, data: object, message: Message): readonly Published[]
  /** Whether anything is published for the event: lets readers skip decoding. */
  has(event: EventDefinition): boolean
  /** Whether the event is published under this name. */
  publishes(event: EventDefinition, name: string): boolean
}

interface Line {
  readonly name: string
  readonly shape: Shape
  readonly as: (data: object, message: Message) => unknown
}

const none: readonly Published[] = []

/** Compiles the publications of a context. */
export function publicationsOf(
  definition: ContextDefinition,
  shapes: ReadonlyMap<string, Shape>,
): Publications {
  const lines = new Map<EventDefinition, Line[]>()
  for (const [name, publication] of definition.events) {
    const from = definitionOf(publication.from)
    const line = { name, shape: shapes.get(name) as Shape, as: publication.as as Line['as'] }
    lines.set(from, [...(lines.get(from) ?? []), line])
  }
  return {
    has: (event) => lines.has(event),
    publishes: (event, name) => lines.get(event)?.some((it) => it.name === name) ?? false,
    of(event, data, message) {
      const found = lines.get(event)
      if (found === undefined) return none
      return found.flatMap((line) => publishOne(definition.name, line, data, message))
    },
  }
}

function publishOne(context: string, line: Line, data: object, message: Message): readonly Published[] {
  const said = line.as(data, message)
  if (said === undefined) return none
  const issues: Issue[] = []
  const values = line.shape.parse(said, issues, asStored)
  if (issues.length > 0) throw fault('DURE_EVENT_INVALID', { event: `${context}.${line.name}`, issues })
  return [{ type: line.name, data: line.shape.encode(values) }]
}
