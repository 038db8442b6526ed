import type { Field, Fields } from '../../domain/fields/field.ts'
import type { JsonObject } from '../../kernel/json.ts'
import { isField } from '../check/places.ts'
import type { AnyContract, QueryShape } from '../contract.ts'
import { eventShapeOf, type EventShape } from '../evolution/event-shape.ts'

/** Shapes by name. */
export type NamedShapes = Readonly<Record<string, EventShape>>

/** What a contract promises, as JSON: what it takes in the shape in which it is given, the rest as it is given out. */
export interface ContractShapes {
  readonly commands: NamedShapes
  readonly events: NamedShapes
  readonly rejections: NamedShapes
  readonly queries: Readonly<Record<string, { readonly in: EventShape; readonly out: EventShape }>>
}

type Shaped = Readonly<Record<string, { readonly fields: Fields }>>

/** The shapes of a contract. A query that answers one field answers the field `answer`. */
export function contractShapes({ commands, events, rejections, queries }: AnyContract): ContractShapes {
  return {
    commands: each(commands as Shaped, ({ fields }) => eventShapeOf(fields, 'input')),
    events: each(events as Shaped, ({ fields }) => eventShapeOf(fields)),
    rejections: each(rejections as Readonly<Record<string, Fields>>, (fields) => eventShapeOf(fields)),
    queries: each(queries as Readonly<Record<string, QueryShape>>, (it) => ({
      in: eventShapeOf(it.in, 'input'),
      out: eventShapeOf(answerOf(it.out)),
    })),
  }
}

function answerOf(out: Fields | Field): Fields {
  return isField(out) ? { answer: out } : out
}

function each<T, R>(named: Readonly<Record<string, T>>, make: (it: T) => R): Readonly<Record<string, R>> {
  return Object.fromEntries(Object.entries(named).map(([name, it]) => [name, make(it)]))
}

/** Whether JSON of a file has the shapes of a contract; where not, the first place that has none. */
export function wrongShapes(it: unknown): string | undefined {
  if (!isRecord(it)) return 'it is no object'
  for (const part of ['commands', 'events', 'rejections', 'queries']) {
    const shapes = it[part]
    if (!isRecord(shapes)) return `${part} is no object`
    for (const [name, shape] of Object.entries(shapes)) {
      const all = part === 'queries' && isRecord(shape) ? [shape['in'], shape['out']] : [shape]
      if (!all.every(isShape)) return `${part}.${name} is no shape`
    }
  }
  return undefined
}

function isShape(it: unknown): it is EventShape {
  if (!isRecord(it)) return false
  const { properties, required, $defs } = it
  return isRecord(properties) && isRecord($defs) && Array.isArray(required)
}

function isRecord(it: unknown): it is JsonObject {
  return typeof it === 'object' && it !== null && !Array.isArray(it)
}
