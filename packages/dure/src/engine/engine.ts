import type { ContextRuntime } from '../app/context-runtime.ts'
import { digest } from '../app/digest.ts'
import type { Progress } from '../app/reading.ts'
import type { Place } from '../app/token.ts'
import { Turns } from '../app/turns.ts'
import { fault } from '../kernel/errors/fault.ts'
import type { World } from '../kernel/world.ts'
import type { PolicyDefinition } from '../model/policy.ts'
import type { ViewDefinition } from '../model/view.ts'
import { Consumer, type EngineLog, type Work } from './consumer.ts'
import { checkEventShapes } from './event-shapes.ts'
import { Feed } from './feed.ts'
import { bySource, channelsOf, type Channel } from './incoming.ts'
import { policyWork } from './policy-work.ts'
import { SharedRows } from './shared-rows.ts'
import { viewWork } from './view-work.ts'

/** How long a query waits for a view that is behind the caller's token. */
const patienceMs = 5000
/** The longest that a timer can run. */
const longest = 2 ** 31 - 1

/** What a consumer reports about itself. */
export interface ConsumerStatus {
  readonly context: string
  readonly consumer: string
  readonly source: string
  readonly through: number
  /** Aggregates whose events are set aside, because one of them could not be handled. */
  readonly parked: number
  readonly mark: number
}

/**
 * The loops of one process: feeds read the logs of the contexts here, consumers keep their views and carry out their
 * policies.
 */
export class Engine implements Progress {
  readonly #contexts: ReadonlyMap<string, ContextRuntime>
  readonly #world: World
  readonly #log: EngineLog
  readonly #feeds = new Map<string, Feed>()
  readonly #consumers: { readonly context: string; readonly view?: string; readonly consumer: Consumer }[] =
    []
  readonly #rows = new Map<string, string>()
  readonly #stopped = Promise.withResolvers<void>()

  constructor(contexts: readonly ContextRuntime[], world: World, log: EngineLog) {
    this.#contexts = new Map(contexts.map((it) => [it.name, it]))
    this.#world = world
    this.#log = log
    for (const context of contexts) {
      for (const { definition } of context.definition.views) {
        this.#rows.set(`${context.name}.${definition.name}`, rowsName(definition))
      }
    }
  }

  /** Starts every loop. */
  async start(): Promise<void> {
    for (const context of this.#contexts.values()) {
      for (const { definition } of context.definition.views) await this.#addView(context, definition)
      for (const { definition } of context.definition.policies) this.#addPolicy(context, definition)
    }
    await Promise.all(this.#consumers.map(({ consumer }) => consumer.load()))
    await Promise.all([...this.#contexts.values()].map(async (it) => checkEventShapes(it, this.#log)))
    for (const source of this.#contexts.values()) this.#startSource(source)
  }

  // What one consumer has met is settled for all, so nobody reads the log from its beginning because of a start.
  #startSource(source: ContextRuntime): void {
    const consumers = this.#consumers.map((it) => it.consumer).filter((it) => it.source === source.name)
    if (consumers.length === 0) return
    const report = (error: unknown): void =>
      this.#log('warn', 'reading the log failed, trying again', { context: source.name, error })
    const from = Math.max(...consumers.map((it) => it.through))
    const feed = new Feed(source.store, this.#world, from, report)
    this.#feeds.set(source.name, feed)
    for (const it of consumers) it.start(feed)
    feed.wake()
  }

  async #addView(context: ContextRuntime, view: ViewDefinition): Promise<void> {
    const stored = rowsName(view)
    await this.#forgetOlder(context, view.name, stored)
    const heard = view.subscriptions.flatMap((subscription) =>
      channelsOf(context, subscription.event, this.#contexts).map((channel) => ({ subscription, channel })),
    )
    const turns = new Turns()
    const sources = bySource(heard)
    const shared = sources.length > 1 ? new SharedRows(context.store, `view:${stored}`) : undefined
    for (const some of sources) {
      const work = viewWork(context, view, stored, some, turns, shared)
      this.#consume(context, `view:${stored}`, channelsIn(some), work, { name: view.name, stored })
    }
  }

  #addPolicy(context: ContextRuntime, policy: PolicyDefinition): void {
    const heard = channelsOf(context, policy.event, this.#contexts).map((channel) => ({ channel }))
    for (const some of bySource(heard)) {
      const channels = channelsIn(some)
      this.#consume(context, `policy:${policy.name}`, channels, policyWork(context, policy, channels))
    }
  }

  // A view whose fold changed is another set of rows, built from the beginning; the old one is dropped. So is what a
  // process of the other release may have left under the new name, when this one follows on it again.
  async #forgetOlder(context: ContextRuntime, view: string, stored: string): Promise<void> {
    const { store } = context
    const known = (await store.readRows('$views', [view])).get(view)?.['rows']
    if (known === stored) return
    if (typeof known === 'string') {
      for (const rows of [known, stored]) await store.forgetConsumer(`view:${rows}`, rows)
      this.#log('info', 'view changed, building it anew', { context: context.name, view })
    }
    const meta = { command: this.#world.newId(), actor: 'dure', correlation: this.#world.newId() }
    const row = { view: '$views', key: view, row: { rows: stored } }
    await store.commit({ at: this.#world.now(), meta, appends: [], rows: [row] })
  }

  #consume(
    target: ContextRuntime,
    name: string,
    channels: readonly Channel[],
    work: Work,
    view?: { readonly name: string; readonly stored: string },
  ): void {
    const source = (channels[0] as Channel).source
    const anew = view && (() => target.store.forgetConsumer(name, view.stored))
    const consumer = new Consumer({
      name,
      source,
      target,
      world: this.#world,
      log: this.#log,
      concerns: (event) => channels.some((it) => it.concerns(event)),
      work,
      ...(anew && { anew }),
    })
    this.#consumers.push({ context: target.name, consumer, ...(view && { view: view.name }) })
  }

  rowsOf(context: string, view: string): string {
    return this.#rows.get(`${context}.${view}`) ?? view
  }

  async caughtUp(context: string, view: string, places: readonly Place[]): Promise<void> {
    const behind = this.#consumers
      .filter((it) => it.context === context && it.view === view)
      .flatMap(({ consumer }) =>
        places
          .filter((it) => it.context === consumer.source && consumer.through < it.position)
          .map(({ position }) => ({ consumer, position })),
      )
    if (behind.length === 0) return
    const over = new AbortController()
    const waits = behind.map(({ consumer, position }) => consumer.reached(position, over.signal))
    const late = (): Error => fault('DURE_VIEW_BEHIND', { view, waitedMs: patienceMs })
    await this.#inTime(Promise.all(waits), late).finally(() => over.abort())
  }

  async #inTime(work: Promise<unknown>, late: () => Error): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const cancel = this.#world.after(patienceMs, () => reject(late()), true)
      work.then(
        () => {
          cancel()
          resolve()
        },
        (error: unknown) => {
          cancel()
          reject(error)
        },
      )
    })
  }

  /** Resolves when every consumer has met everything that is stored now, and all that followed from it; or at the stop. */
  async settled(): Promise<void> {
    // The loops keep no process alive; who waits for them does.
    const release = this.#world.after(longest, () => undefined, true)
    await Promise.race([this.#settle(), this.#stopped.promise]).finally(release)
  }

  async #settle(): Promise<void> {
    await Promise.all(this.#consumers.map(({ consumer }) => consumer.begun))
    for (let quiet = 0; quiet < 2;) {
      const before = this.#marks()
      await Promise.all([...this.#feeds.values()].map((it) => it.look()))
      await Promise.all(
        this.#consumers.map(({ consumer }) => consumer.reached(this.#feeds.get(consumer.source)?.mark ?? 0)),
      )
      quiet = this.#marks() === before ? quiet + 1 : 0
    }
  }

  #marks(): string {
    return [...this.#feeds.values()].map((it) => it.mark).join()
  }

  status(): readonly ConsumerStatus[] {
    return this.#consumers.map(({ context, consumer }) => ({
      context,
      consumer: consumer.name,
      source: consumer.source,
      through: consumer.through,
      parked: consumer.parked,
      mark: this.#feeds.get(consumer.source)?.mark ?? 0,
    }))
  }

  /** Stops every loop; what is in the middle of a commit is finished. */
  async stop(): Promise<void> {
    for (const feed of this.#feeds.values()) feed.close()
    await Promise.all(this.#consumers.map(({ consumer }) => consumer.stop()))
    this.#stopped.resolve()
  }
}

function channelsIn(heard: readonly { readonly channel: Channel }[]): readonly Channel[] {
  return heard.map((it) => it.channel)
}

function rowsName(view: ViewDefinition): string {
  const text = view.subscriptions.map((it) => [it.event.name, it.from ?? '', String(it.key), String(it.fold)])
  const fields = [...view.shape.codecs].map(([name, codec]) => [name, codec.describe()])
  return `${view.name}@${digest(text, fields, view.keyField).slice(0, 8)}`
}
