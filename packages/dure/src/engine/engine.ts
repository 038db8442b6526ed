import type { ContextRuntime } from '../app/context-runtime.ts'
import { digest } from '../app/digest.ts'
import type { Progress } from '../app/reading.ts'
import type { Place } from '../app/token.ts'
import { Turns } from '../app/turns.ts'
import { fault } from '../kernel/errors/fault.ts'
import type { World } from '../kernel/world.ts'
import type { PolicyDefinition } from '../model/policy.ts'
import type { ViewDefinition } from '../model/view.ts'
import type { Transport } from '../ports/transport.ts'
import { Consumer, type ConsumerFailure, type ConsumerState } from './consumer.ts'
import type { EngineLog, Work } from './consuming/work.ts'
import { checkEventShapes } from './event-shapes.ts'
import { bySource, channelsOf, type Channel } from './incoming.ts'
import { policyWork } from './policy-work.ts'
import { BusFeed } from './bus/bus-feed.ts'
import { Relay, type RelayStatus } from './bus/relay.ts'
import { LogFeed } from './feeds/log-feed.ts'
import type { Feed } from './feeds/feed.ts'
import { SharedRows } from './shared-rows.ts'
import { localSource } from './source.ts'
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
  readonly state: ConsumerState
  /** Why it does not get on, where it does not. */
  readonly failure?: ConsumerFailure
  readonly through: number
  /** Aggregates whose events are set aside, because one of them could not be handled. */
  readonly parked: number
  /** Aggregates whose events are held for a newer release that may know them. */
  readonly held: number
  readonly mark: number
}

/** What carries events from one context to another, where it is not the log alone. */
export interface Bus {
  readonly transport: Transport
  readonly system: string
}

interface Registered {
  readonly context: string
  readonly view?: string
  readonly consumer: Consumer
  /** `log` for the events of its own context, and for all where there is no bus. */
  readonly via: 'log' | 'bus'
}

/**
 * The loops of one process: feeds read the logs of the contexts here, consumers keep their views and carry out their
 * policies.
 */
export class Engine implements Progress {
  readonly #contexts: ReadonlyMap<string, ContextRuntime>
  readonly #world: World
  readonly #log: EngineLog
  readonly #bus: Bus | undefined
  readonly #holdMs: number | undefined
  /** By `log` or `bus` and the name of the source. */
  readonly #feeds = new Map<string, Feed>()
  readonly #relays: Relay[] = []
  readonly #consumers: Registered[] = []
  readonly #rows = new Map<string, string>()
  /** Tells this process from others, where one of them does what need not be done twice. */
  readonly #holder: string
  readonly #stopped = Promise.withResolvers<void>()

  constructor(contexts: readonly ContextRuntime[], world: World, log: EngineLog, bus?: Bus, holdMs?: number) {
    this.#bus = bus
    this.#holdMs = holdMs
    this.#contexts = new Map(contexts.map((it) => [it.name, it]))
    this.#world = world
    this.#log = log
    this.#holder = world.newId()
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
    for (const { consumer } of this.#consumers) {
      if (consumer.state !== 'waiting for epoch') await this.#mustBegin(consumer.source, consumer.through)
    }
    await Promise.all([...this.#contexts.values()].map(async (it) => checkEventShapes(it, this.#log)))
    for (const source of this.#contexts.values()) {
      this.#startFeed(source, 'log')
      this.#startFeed(source, 'bus')
      this.#startRelay(source)
    }
  }

  // What one consumer has met is settled for all, so nobody reads the log from its beginning because of a start.
  #startFeed(source: ContextRuntime, via: Registered['via']): void {
    const consumers = this.#consumers
      .filter((it) => it.via === via && it.consumer.source === source.name)
      .map((it) => it.consumer)
    const [first] = consumers
    if (first === undefined) return
    const foremost = consumers.reduce((a, b) => (b.through > a.through ? b : a), first)
    const feed = via === 'log' ? this.#logFeed(source, foremost) : this.#busFeed(source, foremost)
    this.#feeds.set(`${via} ${source.name}`, feed)
    for (const it of consumers) it.start(feed)
  }

  #logFeed(source: ContextRuntime, { through }: Consumer): Feed {
    const report = (error: unknown): void =>
      this.#log('warn', 'reading the log failed, trying again', { context: source.name, error })
    const feed = new LogFeed(source.store, this.#world, through, report)
    feed.wake()
    return feed
  }

  #busFeed(source: ContextRuntime, { through, place }: Consumer): Feed {
    const { transport } = this.#bus as Bus
    return new BusFeed({
      transport,
      topic: this.#topicOf(source),
      source: localSource(source),
      from: through,
      place,
      world: this.#world,
      log: this.#log,
    })
  }

  #startRelay(context: ContextRuntime): void {
    if (this.#bus === undefined || context.definition.events.size === 0) return
    const { transport, system } = this.#bus
    const relay = new Relay({
      system,
      context,
      transport,
      topic: this.#topicOf(context),
      holder: this.#holder,
      world: this.#world,
      log: this.#log,
    })
    this.#relays.push(relay)
    relay.start()
  }

  #topicOf({ name }: ContextRuntime): string {
    return topicName((this.#bus as Bus).system, name)
  }

  async #addView(context: ContextRuntime, view: ViewDefinition): Promise<void> {
    const stored = rowsName(view)
    const heard = view.subscriptions.flatMap((subscription) =>
      channelsOf(context, subscription.event, this.#contexts).map((channel) => ({ subscription, channel })),
    )
    const turns = new Turns()
    const sources = bySource(heard)
    const names = sources.map((some) => (channelsIn(some)[0] as Channel).source.name)
    await this.#forgetOlder(context, view.name, stored, names)
    const shared = sources.length > 1 ? new SharedRows(context.store, `view:${stored}`) : undefined
    for (const some of sources) {
      const work = viewWork(context, view, stored, some, turns, shared)
      this.#consume(context, `view:${stored}`, channelsIn(some), work, { name: view.name, stored })
    }
  }

  // What was archived would be missed without a word.
  async #mustBegin(source: string, after: number): Promise<void> {
    const archived = (await this.#contexts.get(source)?.store.archivedTo?.()) ?? 0
    if (after < archived) throw fault('DURE_LOG_ARCHIVED', { context: source, after, archived })
  }

  #addPolicy(context: ContextRuntime, policy: PolicyDefinition): void {
    const heard = channelsOf(context, policy.event, this.#contexts).map((channel) => ({ channel }))
    for (const some of bySource(heard)) {
      const channels = channelsIn(some)
      const source = localSource((channels[0] as Channel).source)
      const work = policyWork(context, policy, channels, source)
      this.#consume(context, `policy:${policy.name}`, channels, work)
    }
  }

  // A view whose fold changed is another set of rows, built from the beginning; the old one is dropped. So is what a
  // process of the other release may have left under the new name, when this one follows on it again.
  async #forgetOlder(
    context: ContextRuntime,
    view: string,
    stored: string,
    sources: readonly string[],
  ): Promise<void> {
    const { store } = context
    const known = (await store.readRows('$views', [view])).get(view)?.['rows']
    if (known === stored) return
    if (typeof known === 'string') {
      // Before anything is forgotten that could not be built again.
      for (const source of sources) await this.#mustBegin(source, 0)
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
    const source = localSource((channels[0] as Channel).source)
    const anew = view && (() => target.store.forgetConsumer(name, view.stored))
    const consumer = new Consumer({
      name,
      source,
      target,
      world: this.#world,
      log: this.#log,
      concerns: (event) => channels.some((it) => it.concerns(event)),
      work,
      ...(this.#holdMs !== undefined && { holdMs: this.#holdMs }),
      ...(anew && { anew }),
    })
    const via = this.#bus !== undefined && source.name !== target.name ? 'bus' : 'log'
    this.#consumers.push({ context: target.name, consumer, via, ...(view && { view: view.name }) })
  }

  rowsOf(context: string, view: string): string {
    return this.#rows.get(`${context}.${view}`) ?? view
  }

  async caughtUp(context: string, view: string, places: readonly Place[]): Promise<void> {
    const behind = this.#consumers
      .filter((it) => it.context === context && it.view === view)
      .flatMap(({ consumer }) =>
        places.filter((it) => consumer.lacks(it)).map(({ position }) => ({ consumer, position })),
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
      await Promise.all(this.#consumers.map((it) => it.consumer.reached(this.#feedOf(it)?.mark ?? 0)))
      quiet = this.#marks() === before ? quiet + 1 : 0
    }
  }

  #marks(): string {
    return [...this.#feeds.values()].map((it) => it.mark).join()
  }

  status(): readonly ConsumerStatus[] {
    return this.#consumers.map(({ context, consumer, via }) => ({
      context,
      consumer: consumer.name,
      source: consumer.source,
      state: consumer.state,
      through: consumer.through,
      parked: consumer.parked,
      held: consumer.held,
      ...(consumer.failure && { failure: consumer.failure }),
      mark: this.#feedOf({ consumer, via })?.mark ?? 0,
    }))
  }

  #feedOf({ via, consumer }: Pick<Registered, 'via' | 'consumer'>): Feed | undefined {
    return this.#feeds.get(`${via} ${consumer.source}`)
  }

  /** How far each context's events have been published. */
  relays(): readonly RelayStatus[] {
    return this.#relays.map((it) => it.status())
  }

  /** Stops every loop; what is in the middle of a commit is finished. */
  async stop(): Promise<void> {
    for (const feed of this.#feeds.values()) feed.close()
    await Promise.all(this.#relays.map((it) => it.stop()))
    await Promise.all(this.#consumers.map(({ consumer }) => consumer.stop()))
    this.#stopped.resolve()
  }
}

function channelsIn(heard: readonly { readonly channel: Channel }[]): readonly Channel[] {
  return heard.map((it) => it.channel)
}

/** What a view's rows are stored under: of another fold, another name. Its consumer is `view:` and this. */
export function rowsName(view: ViewDefinition): string {
  const text = view.subscriptions.map((it) => [it.event.name, it.from ?? '', String(it.key), String(it.fold)])
  const fields = [...view.shape.codecs].map(([name, codec]) => [name, codec.describe()])
  return `${view.name}@${digest(text, fields, view.keyField).slice(0, 8)}`
}

/** The topic of what a context publishes. */
export function topicName(system: string, context: string): string {
  return `${system.replaceAll(/[^A-Za-z0-9_-]/g, '-')}.${context}`
}
