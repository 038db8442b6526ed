import type { ContextRuntime } from '../app/context-runtime.ts'
import type { Place } from '../app/token.ts'
import { isDureError } from '../kernel/error.ts'
import { fault } from '../kernel/errors/fault.ts'
import type { World } from '../kernel/world.ts'
import type { Arrival } from './arrival.ts'
import { isLost } from './consuming/lineage.ts'
import { holdMs } from './consuming/next-try.ts'
import { Park } from './consuming/park.ts'
import { Watermarks } from './consuming/watermarks.ts'
import type { WorkLease } from './consuming/work-lease.ts'
import {
  Overtaken,
  Poison,
  storedOrOvertaken,
  type EngineLog,
  type Mark,
  type Pause,
  type Work,
} from './consuming/work.ts'
import type { Feed } from './feeds/feed.ts'
import type { Page, Source } from './source.ts'

const storeEvery = 5000

/** How long is waited before the next try, in milliseconds. */
const growing = (tries: number): number => Math.min(5000, 50 * 2 ** Math.min(tries, 8))

/** Between two looks at how far the process has come that does the work: at once who is waited for, else ever longer. */
const [waitedMs, standbyMs] = [10, 500]

/**
 * What a consumer is about: `standby` while another process does its work, `waiting for epoch` until somebody says what its
 * watermarks mean in a log that was restored.
 */
export type ConsumerState = 'running' | 'standby' | 'retrying' | 'waiting for epoch' | 'stopped'

/** Why a consumer does not get on. */
export interface ConsumerFailure {
  /** Of the last error, if it has one. */
  readonly code: string | undefined
  /** When it failed first. */
  readonly since: Date
  /** How often, one after the other. */
  readonly times: number
}

interface Settings {
  /** Name of the consumer; its watermarks stand under it. */
  readonly name: string
  readonly source: Source
  readonly target: ContextRuntime
  readonly world: World
  readonly log: EngineLog
  /** Whether an event concerns the consumer at all. */
  readonly concerns: (event: Arrival) => boolean
  readonly work: Work
  /** How long an event that only a newer release may know is held before it counts as an error; 15 minutes when absent. */
  readonly holdMs?: number
  /** Forgets all that was kept so far, where it can be made again from the beginning of the log: what a view can do. */
  readonly anew?: () => Promise<void>
  /** What says which of several processes does the work; without it they race. */
  readonly lease?: WorkLease
}

/**
 * One consumer of one source: reads settled events in order, hands them to its work, and moves its watermark in the
 * transaction of the effect, so effects happen once whatever is repeated. A poisoned event parks its stream's sequence;
 * the rest flows. Failures of the world (a database away) are tried again for ever, with growing pauses.
 */
export class Consumer {
  readonly #it: Settings
  readonly #marks: Watermarks
  readonly #park: Park
  #failure: ConsumerFailure | undefined
  #stopped = false
  readonly #begun = Promise.withResolvers<void>()
  readonly #waiting = new Set<{ readonly position: number; readonly resolve: () => void }>()
  #running: Promise<void> | undefined
  #cancelPause: (() => void) | undefined
  #feed: Pick<Feed, 'after' | 'placeAt'> | undefined
  /** How often was looked at what another process does, since it has the work. */
  #standingBy = 0
  /** Whether it came on between the last two looks. */
  #seenWorking = false
  /** The page that was asked for; another object once that is none of our business any more. */
  #asked: { page?: Page; error?: unknown } | undefined

  constructor(settings: Settings) {
    this.#it = settings
    this.#marks = new Watermarks(settings)
    this.#park = new Park({ ...settings, holdMs: settings.holdMs ?? holdMs, stopped: () => this.#stopped })
  }

  get name(): string {
    return this.#it.name
  }

  get source(): string {
    return this.#it.source.name
  }

  get state(): ConsumerState {
    if (this.#stopped) return 'stopped'
    if (this.#marks.foreign) return 'waiting for epoch'
    if (this.#failure !== undefined) return 'retrying'
    return this.#standingBy > 0 ? 'standby' : 'running'
  }

  /** Why it does not get on; undefined where it does. */
  get failure(): ConsumerFailure | undefined {
    return this.#failure
  }

  /** How many aggregates have events parked here, because one of them could not be handled. */
  get parked(): number {
    return this.#park.count('parked')
  }

  /** How many aggregates have events held here, for a release that knows them. */
  get held(): number {
    return this.#park.count('held')
  }

  /** Everything of the source up to here has been met. */
  get through(): number {
    return this.#marks.through
  }

  /** Where the reader of a bus was, when it was stored last. */
  get place(): string | undefined {
    return this.#marks.place
  }

  /** Reads where the consumer stands; before `start`, so that the feed can begin there. */
  async load(): Promise<void> {
    this.#asked = undefined
    this.#park.load(await this.#marks.load())
    this.#meet(this.#marks.through)
  }

  start(feed: Pick<Feed, 'after' | 'placeAt'>): void {
    this.#feed = feed
    this.#running ??= this.#run()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#begun.resolve()
    this.#cancelPause?.()
    await this.#running
    if (this.#standingBy === 0) await this.#storeThrough().catch(() => undefined) // only a saving: a restart looks through more
    await this.#it.lease?.drop().catch(() => undefined) // it is over soon
  }

  /** Resolves when what was parked at the start has been tried again. */
  get begun(): Promise<void> {
    return this.#begun.promise
  }

  /** Whether it has yet to meet a place in the log of its source: not one that the log has lost. */
  lacks(place: Place): boolean {
    return place.context === this.source && this.through < place.position && !isLost(this.#it.source, place)
  }

  /** Resolves when everything up to the position has been met; never once the signal says that nobody waits any more. */
  reached(position: number, signal?: AbortSignal): Promise<void> {
    if (this.through >= position) return Promise.resolve()
    return new Promise((resolve) => {
      const waiter = { position, resolve }
      this.#waiting.add(waiter)
      if (this.#standingBy > 0) this.#cancelPause?.()
      signal?.addEventListener('abort', () => this.#waiting.delete(waiter))
    })
  }

  async #run(): Promise<void> {
    let overtaken = 0
    let loaded = true
    let begun = false
    while (!this.#stopped) {
      try {
        if (!loaded) await this.load()
        loaded = true
        this.#marks.mustFit()
        if (!begun) await this.#park.look(true)
        begun = true
        this.#begun.resolve()
        await this.#step()
        this.#failure = undefined
        overtaken = 0
      } catch (error) {
        loaded = false
        this.#asked = undefined
        if (error instanceof Overtaken) {
          if (++overtaken > 2) await this.#pause(growing(overtaken - 3))
          continue
        }
        this.#fail(error)
        await this.#pause(growing(this.#failure?.times ?? 1))
      }
    }
  }

  /** Looks at what is parked where that is due, and handles the next page if it comes before the next look. */
  async #step(): Promise<void> {
    this.#mustBeOfLog()
    if (this.#park.restMs <= 0) await this.#park.look()
    const page = await this.#nextPage(Math.max(1, this.#park.restMs))
    if (this.#stopped) return
    // What has come may be of the epoch that was.
    this.#mustBeOfLog()
    if (page !== undefined) await this.#take(page)
  }

  #mustBeOfLog(): void {
    if (this.#marks.left) throw new Overtaken()
  }

  async #take({ events, through }: Page): Promise<void> {
    const before = this.through
    const relevant = events.filter((it) => !this.#marks.has(it) && this.#it.concerns(it))
    if (relevant.length > 0 && !(await this.#leads())) return
    await this.#handle(relevant)
    this.#meet(through)
    if (this.#standingBy > 0 && relevant.length === 0) this.#standingBy = 1
    if (through - this.#marks.stored > storeEvery && this.#standingBy === 0) await this.#storeThrough()
    // A feed that is closed answers at once, with nothing.
    if (through <= before && events.length === 0) await this.#pause(50)
  }

  /**
   * Whether the work is this process's. Where it is another's, some time has passed, and what it has done meanwhile is known:
   * the page is to be looked at again.
   */
  async #leads(): Promise<boolean> {
    const { lease } = this.#it
    if (lease === undefined || lease.held) return true
    if (!this.#seenWorking) {
      if (this.#standingBy === 0) await this.#pause(lease.handicapMs)
      const taken = this.#stopped ? undefined : await lease.take()
      if (taken !== undefined) this.#standingBy = 0
      if (taken === 'again') return true
      // What this process believes to have met somebody may have forgotten since.
      if (taken === 'anew') await this.load()
      if (taken !== undefined) return false
    }
    this.#standingBy++
    const { progress } = this.#marks
    const ms = Math.min(standbyMs, 25 * 2 ** Math.min(this.#standingBy, 8))
    await this.#pause(this.#waiting.size > 0 ? waitedMs : ms)
    await this.#look()
    this.#seenWorking = this.#marks.progress !== progress
    return false
  }

  /** Reads how far others have come. What this process knows to be none of its concern it need not meet again. */
  async #look(): Promise<void> {
    const { through, stored, left } = this.#marks
    await this.load()
    const goesOn = !left && !this.#marks.foreign && this.#marks.stored >= stored
    if (goesOn) this.#meet(through)
  }

  /** The next page, if it comes in time. One that comes late is kept, so that nothing is asked for twice. */
  async #nextPage(timeMs: number): Promise<Page | undefined> {
    const asked = (this.#asked ??= this.#ask())
    if (asked.page === undefined && asked.error === undefined) await this.#pause(timeMs)
    if (asked.page === undefined && asked.error === undefined) return undefined
    this.#asked = undefined
    if (asked.page === undefined) throw asked.error
    return asked.page
  }

  #ask(): { page?: Page; error?: unknown } {
    const asked: { page?: Page; error?: unknown } = {}
    const come = (it: typeof asked): void => {
      Object.assign(asked, it)
      if (this.#asked === asked) this.#cancelPause?.()
    }
    const coming = (this.#feed as Feed).after(this.through)
    coming.then(
      (page) => come({ page }),
      (error: unknown) => come({ error: error ?? 'nothing' }),
    )
    return asked
  }

  // Watermarks are per slice, so events are handled and parked strictly in the order of their positions.
  async #handle(events: readonly Arrival[]): Promise<void> {
    let left = events
    while (left.length > 0) {
      const behind = left.findIndex((it) => this.#park.has(it.stream))
      const free = behind < 0 ? left : left.slice(0, behind)
      const poison = free.length > 0 ? await this.#try(free) : undefined
      if (poison !== undefined) {
        await this.#setAside(poison.event, poison.why)
        left = left.filter((it) => it.position > poison.event.position)
      } else if (behind >= 0) {
        await this.#setAside(left[behind] as Arrival, fault('DURE_PARKED_BEHIND', {}))
        left = left.slice(behind + 1)
      } else left = []
    }
  }

  async #try(events: readonly Arrival[]): Promise<Poison | undefined> {
    try {
      await this.#it.work.handle(events, this.#mark, this.#pauseInWork)
      return undefined
    } catch (error) {
      if (isDureError(error, 'DURE_STORE_TEXT_INVALID')) return this.#tryEach(events, error)
      if (!(error instanceof Poison)) throw error
      if (!this.#unhandled(error.event)) await this.#loadAgain([error.event])
      const before = events.filter((it) => it.position < error.event.position && this.#unhandled(it))
      // One of those may be poison too, by what another process has done meanwhile.
      return (before.length > 0 ? await this.#try(before) : undefined) ?? error
    }
  }

  // What was decided is refused by every store, for ever: the event that it came of is found by handling each alone.
  async #tryEach(events: readonly Arrival[], why: unknown): Promise<Poison | undefined> {
    const left = await this.#loadAgain(events)
    if (events.length === 1) return new Poison(left[0] as Arrival, why)
    for (const event of left) {
      const poison = await this.#try([event])
      if (poison !== undefined) return poison
    }
    return undefined
  }

  // The commit that was to move the watermarks did not take place. Which of the events are left to handle?
  async #loadAgain(events: readonly Arrival[]): Promise<readonly Arrival[]> {
    await this.load()
    const left = events.filter((it) => this.#unhandled(it))
    if (left.length === 0 || left.some((it) => this.#park.has(it.stream))) throw new Overtaken()
    return left
  }

  #unhandled(event: Arrival): boolean {
    return !this.#marks.has(event)
  }

  // Asked for right before a commit, so what is not begun is left to the next start.
  readonly #mark: Mark = (handled) => {
    if (this.#stopped) throw new Overtaken()
    return { inbox: this.#marks.move(handled, this.#feed?.placeAt(this.through)) }
  }

  async #setAside(event: Arrival, why: unknown): Promise<void> {
    const { target, world } = this.#it
    const parked = this.#park.put(event, why)
    const unit = { at: world.now(), meta: event.meta, appends: [], parks: [parked], ...this.#mark([event]) }
    storedOrOvertaken(await target.store.commit(unit))
    this.#park.tell(parked)
  }

  // Where nothing concerns the consumer nothing is written; now and then, so that a restart has less to look through.
  async #storeThrough(): Promise<void> {
    const { target, world } = this.#it
    const { through, stored, foreign } = this.#marks
    if (through === stored || foreign) return
    const meta = { command: world.newId(), actor: 'dure', correlation: world.newId() }
    const inbox = this.#marks.move([], this.#feed?.placeAt(through))
    storedOrOvertaken(await target.store.commit({ at: world.now(), meta, appends: [], inbox }))
    this.#marks.stored = through
  }

  #meet(through: number): void {
    this.#marks.through = Math.max(this.through, through)
    for (const waiter of this.#waiting) {
      if (waiter.position > this.through) continue
      this.#waiting.delete(waiter)
      waiter.resolve()
    }
  }

  /** Notes why it cannot begin yet. */
  wait(error: unknown): number {
    const { times: before = 0, since = this.#it.world.now() } = this.#failure ?? {}
    const times = before + 1
    this.#failure = { code: isDureError(error) ? error.code : undefined, since, times }
    return times
  }

  #fail(error: unknown): void {
    const { name, source, log } = this.#it
    const times = this.wait(error)
    const fields = { consumer: name, source: source.name, failures: times, error }
    log(times > 3 ? 'error' : 'warn', 'consumer failed, trying again', fields)
  }

  readonly #pauseInWork: Pause = async (ms) => {
    await this.#pause(ms)
    if (this.#stopped) throw new Overtaken()
  }

  #pause(ms: number): Promise<void> {
    if (this.#stopped || ms <= 0) return Promise.resolve()
    return new Promise((resolve) => {
      const cancel = this.#it.world.after(ms, resolve)
      this.#cancelPause = () => {
        cancel()
        resolve()
      }
    })
  }
}
