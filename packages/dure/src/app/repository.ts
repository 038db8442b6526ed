import type { AggregateDefinition, Emission } from '../domain/aggregate-definition.ts'
import { create, handleOf, insideOf } from '../domain/handle.ts'
import { checkEventData } from '../domain/event.ts'
import { Emission as Emitted } from '../domain/aggregate-definition.ts'
import { idProblem } from '../domain/fields/ref.ts'
import type { Repository } from '../domain/repository.ts'
import { restore } from '../domain/restore.ts'
import { fault } from '../kernel/errors/fault.ts'
import type { World } from '../kernel/world.ts'
import type { AnyAggregate } from '../domain/aggregate.ts'
import type { EventMeta, EventStore, NewEvent, StreamId } from '../ports/event-store.ts'

/** Whom a repository works for. */
export interface Working {
  readonly tenant: string
  readonly meta: () => EventMeta
}

/** The repository of an aggregate over an event store. */
export function repositoryOf<A extends AnyAggregate>(
  aggregate: A,
  store: EventStore,
  world: World,
  working: Working,
): Repository<A> {
  const definition: AggregateDefinition = aggregate.definition
  return new EventRepository(definition, store, world, working) as unknown as Repository<A>
}

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

class EventRepository {
  readonly #definition: AggregateDefinition
  readonly #store: EventStore
  readonly #world: World
  readonly #working: Working
  readonly create: Readonly<Record<string, (input?: unknown) => object>>

  constructor(definition: AggregateDefinition, store: EventStore, world: World, working: Working) {
    this.#definition = definition
    this.#store = store
    this.#world = world
    this.#working = working
    const factories = [...definition.commands.values()].filter((it) => it.mode === 'creates')
    this.create = Object.fromEntries(
      factories.map((it) => [it.name, (input: unknown = {}) => create(definition, it, input, world)]),
    )
  }

  async load(id: string): Promise<object> {
    const found = await this.#read(id)
    const name = this.#definition.name
    if (found === 'missing') throw fault('DURE_AGGREGATE_NOT_FOUND', { aggregate: name, id })
    if (found === 'ended') throw fault('DURE_AGGREGATE_ENDED', { aggregate: name, id })
    return found
  }

  async find(id: string): Promise<object | undefined> {
    const found = await this.#read(id)
    return typeof found === 'string' ? undefined : found
  }

  async #read(id: unknown): Promise<object | 'missing' | 'ended'> {
    const name = this.#definition.name
    const problem = idProblem(id)
    if (problem !== undefined) throw fault('DURE_ID_INVALID', { what: name, id: String(id), reason: problem })
    const known = id as string
    const stream = await this.#store.readHistory(this.#stream(known))
    if (stream.version === 0) return 'missing'
    if (stream.ended) return 'ended'
    const state = restore(this.#definition, known, stream.events)
    return handleOf(known, stream.version, state, {
      aggregate: this.#definition,
      world: this.#world,
      pending: [],
      ended: false,
    })
  }

  async save(handle: unknown): Promise<void> {
    const { id, version, pending, ended, aggregate } = insideOf(handle)
    if (aggregate !== this.#definition) this.#foreign(aggregate.name)
    if (pending.length === 0) return
    await this.#append(id, version - pending.length, pending, ended)
  }

  async delete(handle: unknown): Promise<void> {
    const { id, version, pending, ended, aggregate } = insideOf(handle)
    if (aggregate !== this.#definition) this.#foreign(aggregate.name)
    if (ended) return this.save(handle)
    const ending = this.#ending()
    await this.#append(id, version - pending.length, [...pending, ending], true)
  }

  #ending(): Emission {
    const [only, ...others] = this.#definition.ends
    const event = only === undefined ? undefined : this.#definition.events.get(only)
    if (event === undefined || others.length > 0) {
      throw fault('DURE_MODEL_INVALID', {
        where: `repository of ${this.#definition.name}`,
        reason: `it declares ${this.#definition.ends.size} ending events, so delete(…) cannot choose one.`,
        fix: 'Declare exactly one with .ends(…), or delete by a command that emits it.',
      })
    }
    return new Emitted(event.name, checkEventData(event, {}))
  }

  async #append(id: string, expected: number, events: readonly Emission[], ends: boolean): Promise<void> {
    const append = {
      stream: this.#stream(id),
      expected,
      events: encodeEvents(this.#definition, events),
      ends,
    }
    const meta = this.#working.meta()
    const outcome = await this.#store.commit({ at: this.#world.now(), meta, appends: [append] })
    if (outcome.ok) return
    const aggregate = this.#definition.name
    if (expected === 0) throw fault('DURE_AGGREGATE_EXISTS', { aggregate, id })
    throw fault('DURE_VERSION_CONFLICT', { aggregate, id, expected })
  }

  #stream(id: string): StreamId {
    return { tenant: this.#working.tenant, aggregate: this.#definition.name, id }
  }

  #foreign(name: string): never {
    throw fault('DURE_MODEL_INVALID', {
      where: `repository of ${this.#definition.name}`,
      reason: `it was given a ${name}.`,
      fix: `Save it with the repository of ${name}.`,
    })
  }
}
