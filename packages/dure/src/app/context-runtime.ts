import type { AggregateDefinition } from '../domain/aggregate-definition.ts'
import type { Fields } from '../domain/fields/field.ts'
import { shapeOf, type Shape } from '../domain/fields/shape.ts'
import type { RecordedType } from '../domain/history/recorded-types.ts'
import { fault } from '../kernel/errors/fault.ts'
import type { World } from '../kernel/world.ts'
import type { ContextDefinition } from '../model/context.ts'
import type { Message } from '../model/message.ts'
import type { StoredEvent } from '../ports/event-store.ts'
import type { ContextStore } from '../ports/store.ts'
import type { Clients } from '../model/attached/used.ts'
import { Baselines } from './aggregates/baselines.ts'
import type { Keeper } from './aggregates/keeper.ts'
import { publicationsOf, type Publications } from './publications.ts'

/** One bounded context, ready to run: its definition compiled, its store open. */
export interface ContextRuntime {
  readonly name: string
  readonly definition: ContextDefinition
  readonly store: ContextStore
  readonly world: World
  readonly aggregates: ReadonlyMap<string, AggregateDefinition>
  readonly keepers: ReadonlyMap<string, Keeper>
  readonly baselines: Baselines
  readonly publications: Publications
  /** What its handlers may use besides: the values of settings, the clients of resources. */
  readonly clients?: Clients
  /** Shapes of the contract's published events. */
  readonly eventShapes: ReadonlyMap<string, Shape>
}

/** Compiles a context around its store. */
export function contextRuntime(
  definition: ContextDefinition,
  store: ContextStore,
  world: World,
  keepers: ReadonlyMap<string, Keeper>,
  remember?: number,
): ContextRuntime {
  const { name } = definition
  const eventShapes = eventShapesOf(definition)
  return {
    name,
    definition,
    store,
    world,
    aggregates: new Map(definition.aggregates.map((it) => [it.name, it.definition])),
    keepers,
    baselines: new Baselines(store, world, remember),
    publications: publicationsOf(definition, eventShapes),
    eventShapes,
  }
}

/** The shapes of what a context publishes, by name, from its contract alone. */
export function eventShapesOf({ name, contract }: ContextDefinition): ReadonlyMap<string, Shape> {
  return new Map(
    Object.entries(contract.events).map(([event, it]) => [
      event,
      shapeOf((it as { fields: Fields }).fields, `${name}.${event}`),
    ]),
  )
}

/** The aggregate that a stored event belongs to. */
export function aggregateOf(
  context: Pick<ContextRuntime, 'aggregates'>,
  event: StoredEvent,
): AggregateDefinition {
  const found = context.aggregates.get(event.stream.aggregate)
  if (found !== undefined) return found
  throw fault('DURE_EVENT_UNKNOWN', {
    aggregate: event.stream.aggregate,
    id: event.stream.id,
    position: event.position,
    type: event.type,
  })
}

/** How a stored event is read, or undefined when the model no longer knows its type. */
export function recordedTypeOf(
  context: Pick<ContextRuntime, 'aggregates'>,
  event: StoredEvent,
): RecordedType | undefined {
  return context.aggregates.get(event.stream.aggregate)?.recorded.get(event.type)
}

/** The message of an event. */
export function messageOf(event: Pick<StoredEvent, 'stream' | 'at' | 'version' | 'meta'>): Message {
  return {
    id: event.stream.id as Message['id'],
    at: event.at,
    version: event.version,
    actor: event.meta.actor,
    tenant: event.stream.tenant,
    correlation: event.meta.correlation,
  }
}
