import type { AggregateDefinition, Emission, State } from '../../domain/aggregate-definition.ts'
import { Emission as Emitted } from '../../domain/aggregate-definition.ts'
import type { AnyAggregate } from '../../domain/aggregate.ts'
import { checkEventData } from '../../domain/event.ts'
import { idProblem } from '../../domain/fields/ref.ts'
import { create, handleOf, insideOf } from '../../domain/handle.ts'
import type { Repository } from '../../domain/repository.ts'
import { fault } from '../../kernel/errors/fault.ts'
import type { World } from '../../kernel/world.ts'
import type { StreamId } from '../../ports/event-store.ts'
import { nothing, type Baseline, type Keeper } from './keeper.ts'
import type { Saved, Saving } from './saving.ts'

/** Where a repository loads from. */
export interface Loading {
  /** The aggregate as the store has it now. */
  read(keeper: Keeper, stream: StreamId): Promise<Baseline>
}

/** The repository of an aggregate: loads from a store, hands what is saved to whoever stores it. */
export function repositoryOf<A extends AnyAggregate>(
  keeper: Keeper,
  loading: Loading,
  world: World,
  tenant: string,
  saving: Saving,
): Repository<A> {
  return new KeptRepository(keeper, loading, world, tenant, saving) as unknown as Repository<A>
}

class KeptRepository {
  readonly #keeper: Keeper
  readonly #aggregate: AggregateDefinition
  readonly #loading: Loading
  readonly #world: World
  readonly #tenant: string
  readonly #saving: Saving
  readonly create: Readonly<Record<string, (input?: unknown) => object>>

  constructor(keeper: Keeper, loading: Loading, world: World, tenant: string, saving: Saving) {
    const { aggregate } = keeper
    this.#keeper = keeper
    this.#aggregate = aggregate
    this.#loading = loading
    this.#world = world
    this.#tenant = tenant
    this.#saving = saving
    const factories = [...aggregate.commands.values()].filter((it) => it.mode === 'creates')
    this.create = Object.fromEntries(
      factories.map((it) => [it.name, (input: unknown = {}) => create(aggregate, it, input, world)]),
    )
  }

  async load(id: string): Promise<object> {
    const found = await this.#read(id)
    const aggregate = this.#aggregate.name
    if (found === 'missing') throw fault('DURE_AGGREGATE_NOT_FOUND', { aggregate, id })
    if (found === 'ended') throw fault('DURE_AGGREGATE_ENDED', { aggregate, id })
    return found
  }

  async find(id: string): Promise<object | undefined> {
    const found = await this.#read(id)
    return typeof found === 'string' ? undefined : found
  }

  async #read(id: unknown): Promise<object | 'missing' | 'ended'> {
    const { name } = this.#aggregate
    const problem = idProblem(id)
    if (problem !== undefined) throw fault('DURE_ID_INVALID', { what: name, id: String(id), reason: problem })
    const stream = this.#stream(id as string)
    const origin = await this.#loading.read(this.#keeper, stream)
    if (origin.version === 0) return 'missing'
    if (origin.ended) return 'ended'
    return handleOf(stream.id, origin.version, origin.state, {
      aggregate: this.#aggregate,
      world: this.#world,
      pending: [],
      ended: false,
      origin,
    })
  }

  async save(handle: unknown): Promise<void> {
    const { id, pending, state, ended, origin } = this.#own(handle)
    if (pending.length > 0) await this.#saving.save(this.#saved(id, origin, pending, state, ended))
  }

  async delete(handle: unknown): Promise<void> {
    const { id, pending, ended, origin } = this.#own(handle)
    if (ended) return this.save(handle)
    await this.#saving.save(this.#saved(id, origin, [...pending, this.#ending()], undefined, true))
  }

  #saved(
    id: string,
    origin: unknown,
    events: readonly Emission[],
    state: State | undefined,
    ended: boolean,
  ): Saved {
    const before = (origin as Baseline | undefined) ?? nothing
    return { keeper: this.#keeper, stream: this.#stream(id), before, decided: { events, state, ended } }
  }

  #own(handle: unknown): ReturnType<typeof insideOf> {
    const it = insideOf(handle)
    if (it.aggregate === this.#aggregate) return it
    throw fault('DURE_MODEL_INVALID', {
      where: `repository of ${this.#aggregate.name}`,
      reason: `it was given a ${it.aggregate.name}.`,
      fix: `Save it with the repository of ${it.aggregate.name}.`,
    })
  }

  #ending(): Emission {
    const [only, ...others] = this.#aggregate.ends
    const event = only === undefined ? undefined : this.#aggregate.events.get(only)
    if (event === undefined || others.length > 0) {
      throw fault('DURE_MODEL_INVALID', {
        where: `repository of ${this.#aggregate.name}`,
        reason: `it declares ${this.#aggregate.ends.size} ending events, so delete(…) cannot choose one.`,
        fix: 'Declare exactly one with .ends(…), or delete by a command that emits it.',
      })
    }
    return new Emitted(event.name, checkEventData(event, {}))
  }

  #stream(id: string): StreamId {
    return { tenant: this.#tenant, aggregate: this.#aggregate.name, id }
  }
}
