import type { ContextRuntime } from '../../app/context-runtime.ts'
import type { Place } from '../../app/token.ts'
import type { Limits } from '../../kernel/limits.ts'
import type { World } from '../../kernel/world.ts'
import { policyHearings, rowsName, viewHearings, type Hearing } from '../hearing.ts'
import { Sources, type Elsewhere } from '../sources.ts'
import { keepingAlive, reachedInTime } from './patience.ts'
import type { ReadSide } from './read-side.ts'
import { settle } from './settling.ts'
import { StoredConsumer } from './stored-consumer.ts'

interface Watched {
  readonly context: string
  readonly view?: string
  readonly consumer: StoredConsumer
}

/**
 * The reading side of a process that keeps no views and carries out no policies: others do, and what they have stored says
 * how far they are. Nothing runs here; the store is asked when somebody wants to know.
 */
export class Onlooker implements ReadSide {
  readonly #world: World
  readonly #sources: Sources
  readonly #watched: readonly Watched[]
  readonly #rows = new Map<string, string>()
  readonly #stopped = Promise.withResolvers<void>()
  readonly #over = new AbortController()

  constructor(contexts: readonly ContextRuntime[], elsewhere: readonly Elsewhere[], world: World) {
    this.#world = world
    this.#sources = new Sources(contexts, elsewhere)
    this.#watched = contexts.flatMap((it) => this.#watch(it))
    for (const { name, definition } of contexts) {
      for (const { definition: view } of definition.views) {
        this.#rows.set(`${name}.${view.name}`, rowsName(view))
      }
    }
  }

  #watch(context: ContextRuntime): readonly Watched[] {
    const { origins } = this.#sources
    const { views, policies } = context.definition
    return [
      ...views.flatMap(({ definition: view }) =>
        viewHearings(context, view, origins).map((it) => ({
          ...this.#watchedOf(context, it),
          view: view.name,
        })),
      ),
      ...policies.flatMap(({ definition }) =>
        policyHearings(context, definition, origins).map((it) => this.#watchedOf(context, it)),
      ),
    ]
  }

  #watchedOf(target: ContextRuntime, { consumer: name, source, channels }: Hearing): Watched {
    const consumer = new StoredConsumer({
      name,
      source: this.#sources.of(source),
      target,
      world: this.#world,
      concerns: (event) => channels.some((it) => it.concerns(event)),
    })
    return { context: target.name, consumer }
  }

  async start(): Promise<void> {
    // Nothing runs here.
  }

  rowsOf(context: string, view: string): string {
    return this.#rows.get(`${context}.${view}`) ?? view
  }

  async caughtUp(
    context: string,
    view: string,
    places: readonly Place[],
    limits: Limits = {},
  ): Promise<void> {
    const consumers = this.#watched.filter((it) => it.context === context && it.view === view)
    await reachedInTime(
      consumers.map((it) => it.consumer),
      view,
      places,
      this.#world,
      limits,
    )
  }

  settled(): Promise<void> {
    const all = settle({
      elsewhere: this.#sources.elsewhere,
      world: this.#world,
      stopped: () => this.#over.signal.aborted,
      pass: () => this.#pass(),
      marks: () => this.#watched.map((it) => it.consumer.through),
    })
    return keepingAlive(this.#world, Promise.race([all, this.#stopped.promise]))
  }

  async settledIn(context: string): Promise<number> {
    await keepingAlive(this.#world, Promise.race([this.#pass(context), this.#stopped.promise]))
    const own = this.#watched.filter((it) => it.context === context && it.consumer.source === context)
    return Math.max(0, ...own.map((it) => it.consumer.through))
  }

  async #pass(context?: string): Promise<void> {
    const some = this.#watched.filter((it) => context === undefined || it.context === context)
    await Promise.all(
      some.map(({ consumer }) => consumer.reached(Number.POSITIVE_INFINITY, this.#over.signal)),
    )
  }

  status(): readonly [] {
    return []
  }

  relays(): readonly [] {
    return []
  }

  async stop(): Promise<void> {
    this.#over.abort()
    this.#stopped.resolve()
  }
}
