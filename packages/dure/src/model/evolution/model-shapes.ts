import type { AggregateDefinition } from '../../domain/aggregate-definition.ts'
import type { EventDefinition } from '../../domain/event.ts'
import type { Shape } from '../../domain/fields/shape.ts'
import type { System } from '../system.ts'
import { eventShapeOf, type EventShape } from './event-shape.ts'

/** A version of an event, as the model has it. */
export interface ModelShape {
  readonly context: string
  readonly aggregate: string
  readonly event: string
  readonly version: number
  readonly shape: EventShape
}

/** Every version of every event, retired ones included, in the order of the source. */
export function* modelShapes(system: System): Generator<ModelShape> {
  for (const context of system.contexts) {
    for (const { definition } of context.aggregates) {
      for (const event of recordedEvents(definition)) {
        const at = { context: context.name, aggregate: definition.name, event: event.name }
        for (const { version, shape } of versionsOf(event)) {
          yield { ...at, version, shape: eventShapeOf(shape.fields) }
        }
      }
    }
  }
}

/** `Order.OrderPlaced v2`. */
export function nameOfShape({ aggregate, event, version }: Omit<ModelShape, 'shape'>): string {
  return `${aggregate}.${event} v${version}`
}

/** The fields of a version, where the model has it. */
export function shapeInVersion(event: EventDefinition, version: number): Shape | undefined {
  return versionsOf(event).find((it) => it.version === version)?.shape
}

/** The version of today, then the older ones, newest first. */
export function versionsOf({
  version,
  shape,
  older,
}: EventDefinition): readonly { readonly version: number; readonly shape: Shape }[] {
  return [{ version, shape }, ...older]
}

/** Every event that the log of an aggregate may hold, retired ones included. */
export function recordedEvents({ recorded }: AggregateDefinition): ReadonlySet<EventDefinition> {
  return new Set([...recorded.values()].map((it) => it.definition))
}
