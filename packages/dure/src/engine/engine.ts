import type { ContextRuntime } from '../app/context-runtime.ts'
import type { Place } from '../app/token.ts'
import { Turns } from '../app/turns.ts'
import { fault } from '../kernel/errors/fault.ts'
import type { World } from '../kernel/world.ts'
import type { Limits } from '../kernel/limits.ts'
import type { PolicyDefinition } from '../model/policy.ts'
import type { ViewDefinition } from '../model/view.ts'
import type { Transport } from '../ports/transport.ts'
import { Consumer } from './consumer.ts'
import type { EngineLog, Work } from './consuming/work.ts'
import { WorkLease, WorkShare } from './consuming/work-lease.ts'
import { checkEventShapes } from './event-shapes.ts'
import { policyHearings, rowsName, viewHearings, type Hearing } from './hearing.ts'
import { policyWork } from './policy-work.ts'
import { BusFeed } from './bus/bus-feed.ts'
import { Relay, type RelayStatus } from './bus/relay.ts'
import { LogFeed } from './feeds/log-feed.ts'
import type { Feed } from './feeds/feed.ts'
import { keepingAlive, reachedInTime } from './reading/patience.ts'
import type { ConsumerStatus, ReadSide } from './reading/read-side.ts'
import { settle } from './reading/settling.ts'
import { SharedRows } from './shared-rows.ts'
import type { Source } from './source.ts'
import { Sources, type Elsewhere } from './sources.ts'
import { viewWork } from './view-work.ts'

/** What carries events from one context to another, where it is not the log alone. */
export interface Bus {
  readonly transport: Transport
  readonly system: string
}

/** What an engine works with. */
export interface EngineOptions {
  /** The contexts whose views and policies it keeps. */
  readonly contexts: readonly ContextRuntime[]
  /** Contexts of other processes that it can hear. */
  readonly elsewhere?: readonly Elsewhere[]
  readonly world: World
  readonly log: EngineLog
  readonly bus?: Bus | undefined
  readonly holdMs?: number | undefined
}

interface Registered {
  readonly context: string
  readonly view?: string
  readonly consumer: Consumer
  /** `log` for the events of its own context, and for all where there is no bus. */
  readonly via: 'log' | 'bus'
}

/** The consumers of a view or a policy, and what has to be done once before they begin. */
interface Unit {
  readonly consumers: readonly Registered[]
  readonly prepare?: () => Promise<void>
}

/** Between two tries to reach a context of another process, in milliseconds. */
const growing = (tries: number): number => Math.min(1000, 50 * 2 ** Math.min(tries - 1, 6))

/**
 * The loops of one process: feeds read the logs of the contexts here, consumers keep their views and carry out their
 * policies.
 */
export class Engine implements ReadSide {
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
  #isStopped = false
  readonly #sources: Sources
  readonly #share = new WorkShare()

  constructor({ contexts, elsewhere = [], world, log, bus, holdMs }: EngineOptions) {
    this.#sources = new Sources(contexts, elsewhere)
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

  /** Starts every loop. What hears a context elsewhere begins when one of its processes has answered. */
  async start(): Promise<void> {
    const units: Unit[] = []
    for (const context of this.#contexts.values()) {
      for (const { definition } of context.definition.views) units.push(this.#viewUnit(context, definition))
      for (const { definition } of context.definition.policies) {
        units.push(this.#policyUnit(context, definition))
      }
    }
    const isLate = ({ consumers }: Unit): boolean =>
      consumers.some(({ consumer }) => this.#sources.remote(consumer.source) !== undefined)
    const local = units.filter((it) => !isLate(it))
    for (const it of local) await it.prepare?.()
    const now = local.flatMap((it) => it.consumers)
    await this.#load(now)
    await Promise.all([...this.#contexts.values()].map(async (it) => checkEventShapes(it, this.#log)))
    this.#follow(now)
    for (const it of this.#contexts.values()) this.#startRelay(it)
    for (const it of units.filter(isLate)) void this.#startLate(it)
  }

  async #load(consumers: readonly Registered[]): Promise<void> {
    await Promise.all(consumers.map(({ consumer }) => consumer.load()))
    for (const { consumer } of consumers) {
      if (consumer.state !== 'waiting for epoch') await this.#mustBegin(consumer.source, consumer.through)
    }
  }

  async #startLate(unit: Unit): Promise<void> {
    for (let tries = 1; !this.#isStopped; tries++) {
      try {
        const sources = new Set(unit.consumers.map(({ consumer }) => consumer.source))
        const elsewhere = this.#sources.elsewhere.filter((it) => sources.has(it.name))
        await Promise.all(elsewhere.map((it) => it.ready()))
        await unit.prepare?.()
        await this.#load(unit.consumers)
        if (!this.#isStopped) this.#follow(unit.consumers)
        return
      } catch (error) {
        if (this.#isStopped) return
        for (const { consumer } of unit.consumers) consumer.wait(error)
        this.#tellLate(unit, error, tries)
        await new Promise<void>((resolve) => this.#world.after(growing(tries), resolve))
      }
    }
  }

  // That another context is not up yet is nothing to wake anybody for, unless it takes long.
  #tellLate({ consumers }: Unit, error: unknown, tries: number): void {
    const [first] = consumers as readonly [Registered]
    const fields = { context: first.context, consumer: first.consumer.name, tries, error }
    const level = tries > 60 ? 'error' : tries >= 8 ? 'warn' : 'debug'
    if (tries <= 8 || tries % 30 === 0) this.#log(level, 'waiting for a context of another process', fields)
  }

  // What one consumer has met is settled for all, so nobody reads the log from its beginning because of a start.
  #follow(some: readonly Registered[]): void {
    for (const [key, heard] of Map.groupBy(some, ({ via, consumer }) => `${via} ${consumer.source}`)) {
      const consumers = heard.map((it) => it.consumer)
      const foremost = consumers.reduce((a, b) => (b.through > a.through ? b : a))
      const feed = this.#feeds.get(key) ?? this.#feedFor(heard[0] as Registered, foremost)
      this.#feeds.set(key, feed)
      for (const it of consumers) it.start(feed)
    }
  }

  #feedFor({ via }: Registered, foremost: Consumer): Feed {
    return via === 'log'
      ? this.#logFeed(this.#contexts.get(foremost.source) as ContextRuntime, foremost)
      : this.#busFeed(this.#sources.of(foremost.source), foremost)
  }

  #logFeed(source: ContextRuntime, { through }: Consumer): Feed {
    const report = (error: unknown): void =>
      this.#log('warn', 'reading the log failed, trying again', { context: source.name, error })
    const feed = new LogFeed(source.store, this.#world, through, report)
    feed.wake()
    return feed
  }

  #busFeed(source: Source, { through, place }: Consumer): Feed {
    const { transport } = this.#bus as Bus
    return new BusFeed({
      transport,
      topic: this.#topicOf(source),
      source,
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

  #topicOf({ name }: { readonly name: string }): string {
    return topicName((this.#bus as Bus).system, name)
  }

  #viewUnit(context: ContextRuntime, view: ViewDefinition): Unit {
    const stored = rowsName(view)
    const hearings = viewHearings(context, view, this.#sources.origins)
    const turns = new Turns()
    const shared = hearings.length > 1 ? new SharedRows(context.store, `view:${stored}`) : undefined
    const consumers = hearings.map((it) => {
      const work = viewWork(context, view, stored, it.heard, turns, shared)
      return this.#consume(context, it, work, { name: view.name, stored })
    })
    const sources = hearings.map((it) => it.source)
    return { consumers, prepare: () => this.#forgetOlder(context, view.name, stored, sources) }
  }

  // What was archived would be missed without a word.
  async #mustBegin(source: string, after: number): Promise<void> {
    const archived = await this.#sources.of(source).archivedTo()
    if (after < archived) throw fault('DURE_LOG_ARCHIVED', { context: source, after, archived })
  }

  #policyUnit(context: ContextRuntime, policy: PolicyDefinition): Unit {
    const consumers = policyHearings(context, policy, this.#sources.origins).map((it) => {
      const work = policyWork(context, policy, it.channels, this.#sources.of(it.source))
      return this.#consume(context, it, work)
    })
    return { consumers }
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
    { consumer: name, source: from, channels }: Hearing,
    work: Work,
    view?: { readonly name: string; readonly stored: string },
  ): Registered {
    const source = this.#sources.of(from)
    const anew = view && (() => target.store.forgetConsumer(name, view.stored))
    const consumer = new Consumer({
      name,
      source,
      target,
      world: this.#world,
      log: this.#log,
      concerns: (event) => channels.some((it) => it.concerns(event)),
      work,
      lease: new WorkLease(target.store, `${name} ${from}`, this.#holder, this.#world, this.#share),
      ...(this.#holdMs !== undefined && { holdMs: this.#holdMs }),
      ...(anew && { anew }),
    })
    const via = this.#bus !== undefined && from !== target.name ? ('bus' as const) : ('log' as const)
    const registered = { context: target.name, consumer, via, ...(view && { view: view.name }) }
    this.#consumers.push(registered)
    return registered
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
    const consumers = this.#consumers.filter((it) => it.context === context && it.view === view)
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
      stopped: () => this.#isStopped,
      pass: () => this.#pass(),
      marks: () => [...this.#feeds.values()].map((it) => it.mark),
    })
    return keepingAlive(this.#world, Promise.race([all, this.#stopped.promise]))
  }

  async settledIn(context: string): Promise<number> {
    await keepingAlive(this.#world, Promise.race([this.#pass(context), this.#stopped.promise]))
    return this.#feeds.get(`log ${context}`)?.mark ?? 0
  }

  /** Lets every consumer, or those of a context, meet what is stored now. */
  async #pass(context?: string): Promise<void> {
    const some = this.#consumers.filter((it) => context === undefined || it.context === context)
    await Promise.all(some.map(({ consumer }) => consumer.begun))
    const feeds = new Set(some.flatMap((it) => this.#feedOf(it) ?? []))
    await Promise.all([...feeds].map((it) => it.look()))
    await Promise.all(some.map((it) => it.consumer.reached(this.#feedOf(it)?.mark ?? 0)))
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

  relays(): readonly RelayStatus[] {
    return this.#relays.map((it) => it.status())
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    for (const feed of this.#feeds.values()) feed.close()
    await Promise.all(this.#relays.map((it) => it.stop()))
    await Promise.all(this.#consumers.map(({ consumer }) => consumer.stop()))
    this.#stopped.resolve()
  }
}

/** The topic of what a context publishes. */
export function topicName(system: string, context: string): string {
  return `${system.replaceAll(/[^A-Za-z0-9_-]/g, '-')}.${context}`
}
