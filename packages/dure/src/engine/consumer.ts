import { streamKey } from '../ports/storable.ts'
import type { ContextRuntime } from '../app/context-runtime.ts'
import { isDureError, type DureError } from '../kernel/error.ts'
import { fault } from '../kernel/errors/fault.ts'
import type { World } from '../kernel/world.ts'
import type { Commit, CommitOutcome, InboxMove, ParkedMessage, StoredEvent } from '../ports/event-store.ts'
import type { Feed } from './feed.ts'

/** Tells the outside what happens; each line has a code or a name, never data. */
export interface EngineLog {
  (
    level: 'debug' | 'info' | 'warn' | 'error',
    message: string,
    fields: Readonly<Record<string, unknown>>,
  ): void
}

/** What a consumer does with a page of events, already without those that it has handled or parked. */
export interface Work {
  /** Stores the effects together with the mark; several commits are fine, in order. Throws `Poison` for one bad event. */
  handle(page: readonly StoredEvent[], mark: Mark, pause: Pause): Promise<void>
}

/** Waits; throws when the consumer is being stopped, so that nobody waits for the waiting. */
export type Pause = (ms: number) => Promise<void>

/** What says in a commit that these events are handled: the move of the watermarks, or their leave from the park. */
export type Mark = (handled: readonly StoredEvent[]) => Pick<Commit, 'inbox' | 'unparks'>

/** An event that cannot be handled, now or later, as things stand. */
export class Poison {
  readonly event: StoredEvent
  readonly why: unknown
  constructor(event: StoredEvent, why: unknown) {
    this.event = event
    this.why = why
  }
}

/** The work is not to go on: another process has handled the events (the watermark is not where it was), or this one stops. */
export class Overtaken extends Error {
  override readonly name = 'Overtaken'
}

/** Throws `Overtaken` unless the outcome is a success or a version conflict, which the caller decides again. */
export function storedOrOvertaken(outcome: CommitOutcome): boolean {
  if (!outcome.ok && outcome.reason === 'inbox') throw new Overtaken()
  return outcome.ok
}

const storeEvery = 5000

/** How long is waited before the next try, in milliseconds. */
const growing = (tries: number): number => Math.min(5000, 50 * 2 ** Math.min(tries, 8))

/** What a model throws can be anything, also what cannot be turned into a text. */
function reasonOf(why: unknown): string {
  try {
    return String(why instanceof Error ? why.message : why)
  } catch {
    return 'what was thrown cannot be told'
  }
}

function parkedFor(why: unknown): DureError {
  return isDureError(why) ? why : fault('DURE_PARKED_FAILED', { reason: reasonOf(why) }, why)
}

interface Settings {
  /** Name of the consumer; its watermarks stand under it. */
  readonly name: string
  readonly source: ContextRuntime
  readonly target: ContextRuntime
  readonly world: World
  readonly log: EngineLog
  /** Whether an event concerns the consumer at all. */
  readonly concerns: (event: StoredEvent) => boolean
  readonly work: Work
  /** Forgets all that was kept so far, where it can be made again from the beginning of the log: what a view can do. */
  readonly anew?: () => Promise<void>
}

/**
 * One consumer of one source: reads settled events in order, hands them to its work, and moves its watermark in the
 * transaction of the effect, so effects happen once whatever is repeated. A poisoned event parks its stream's sequence;
 * the rest flows. Failures of the world (a database away) are tried again for ever, with growing pauses.
 */
export class Consumer {
  readonly #it: Settings
  #slices = new Map<number, number>()
  #parked = new Set<string>()
  #through = 0
  /** What the store knows of `#through`. */
  #stored = 0
  /** The epoch of the watermarks, where it is not the one of the log. */
  #foreign: string | undefined
  #stopped = false
  readonly #begun = Promise.withResolvers<void>()
  readonly #waiting = new Set<{ readonly position: number; readonly resolve: () => void }>()
  #running: Promise<void> | undefined
  #cancelPause: (() => void) | undefined

  constructor(settings: Settings) {
    this.#it = settings
  }

  get name(): string {
    return this.#it.name
  }

  get source(): string {
    return this.#it.source.name
  }

  /** How many aggregates have events parked here. */
  get parked(): number {
    return this.#parked.size
  }

  /** Everything of the source up to here has been met. */
  get through(): number {
    return this.#through
  }

  /** Reads where the consumer stands; before `start`, so that the feed can begin there. */
  async load(): Promise<void> {
    const { name, source, target, log, anew } = this.#it
    let state = await target.store.readInbox(name, source.name)
    if (this.#isForeign(state.epoch) && anew !== undefined) {
      await anew()
      log('warn', 'log restored, building view anew', { consumer: name, source: source.name })
      state = await target.store.readInbox(name, source.name)
    }
    this.#foreign = this.#isForeign(state.epoch) ? state.epoch : undefined
    this.#slices = new Map(state.slices)
    this.#parked = new Set(state.parked.map(streamKey))
    // Positions of another epoch say nothing about this one.
    this.#through = this.#foreign === undefined ? state.through : 0
    this.#stored = this.#through
    this.#meet(this.#through)
  }

  #isForeign(epoch: string | undefined): boolean {
    return epoch !== undefined && epoch !== this.#it.source.store.epoch
  }

  start(feed: Feed): void {
    this.#running ??= this.#run(feed)
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#begun.resolve()
    this.#cancelPause?.()
    await this.#running
    await this.#storeThrough().catch(() => undefined) // only a saving: a restart looks through more
  }

  /** Resolves when what was parked at the start has been tried again. */
  get begun(): Promise<void> {
    return this.#begun.promise
  }

  /** Resolves when everything up to the position has been met; never once the signal says that nobody waits any more. */
  reached(position: number, signal?: AbortSignal): Promise<void> {
    if (this.#through >= position) return Promise.resolve()
    return new Promise((resolve) => {
      const waiter = { position, resolve }
      this.#waiting.add(waiter)
      signal?.addEventListener('abort', () => this.#waiting.delete(waiter))
    })
  }

  async #run(feed: Feed): Promise<void> {
    let failures = 0
    let overtaken = 0
    let loaded = true
    let retried = false
    while (!this.#stopped) {
      try {
        if (!loaded) await this.load()
        loaded = true
        if (!retried) await this.#retryParked()
        retried = true
        this.#begun.resolve()
        await this.#page(feed)
        failures = 0
        overtaken = 0
      } catch (error) {
        loaded = false
        if (error instanceof Overtaken) {
          if (++overtaken > 2) await this.#pause(growing(overtaken - 3))
          continue
        }
        failures++
        this.#report(error, failures)
        await this.#pause(growing(failures))
      }
    }
  }

  async #page(feed: Feed): Promise<void> {
    const { name, source } = this.#it
    if (this.#foreign !== undefined) {
      throw fault('DURE_CONSUMER_EPOCH', { consumer: name, source: source.name, epoch: this.#foreign })
    }
    const { events, through } = await feed.after(this.#through)
    if (this.#stopped) return
    const relevant = events.filter(
      (it) => it.position > (this.#slices.get(it.slice) ?? 0) && this.#it.concerns(it),
    )
    await this.#handle(relevant)
    this.#meet(through)
    if (through - this.#stored > storeEvery) await this.#storeThrough()
  }

  // Watermarks are per slice, so events are handled and parked strictly in the order of their positions.
  async #handle(events: readonly StoredEvent[]): Promise<void> {
    let left = events
    while (left.length > 0) {
      const behind = left.findIndex((it) => this.#parked.has(streamKey(it.stream)))
      const free = behind < 0 ? left : left.slice(0, behind)
      const poison = free.length > 0 ? await this.#try(free) : undefined
      if (poison !== undefined) {
        await this.#park(poison.event, parkedFor(poison.why))
        left = left.filter((it) => it.position > poison.event.position)
      } else if (behind >= 0) {
        await this.#park(left[behind] as StoredEvent, fault('DURE_PARKED_BEHIND', {}))
        left = left.slice(behind + 1)
      } else left = []
    }
  }

  /**
   * At every start what is parked is tried again, each stream in its order: by now the model may be mended, or what an
   * event waited for may have come.
   */
  async #retryParked(): Promise<void> {
    if (this.#parked.size === 0 || this.#foreign !== undefined) return
    const { name, source, target, log } = this.#it
    const still = new Map<string, number>()
    for (const parked of await target.store.readParked(name, source.name)) {
      const key = streamKey(parked.stream)
      const handled = !still.has(key) && (await this.#retry(parked))
      if (!handled) still.set(key, (still.get(key) ?? 0) + 1)
      const { aggregate, id } = parked.stream
      const fields = { consumer: name, source: source.name, aggregate, id, position: parked.position }
      if (handled) log('info', 'parked event handled', fields)
      else if (still.get(key) === 1) log('warn', 'event still parked', { ...fields, code: parked.code })
    }
    this.#parked = new Set(still.keys())
  }

  async #retry({ consumer, source, position }: ParkedMessage): Promise<boolean> {
    const [event] = await this.#it.source.store.openLog(position - 1).next(1)
    if (event?.position !== position) return false
    const leave: Mark = () => {
      if (this.#stopped) throw new Overtaken()
      return { unparks: [{ consumer, source, position }] }
    }
    try {
      // Without patience: what a policy waits for has had its time while the event was parked.
      await this.#it.work.handle([event], leave, () => Promise.resolve())
      return true
    } catch (error) {
      if (error instanceof Poison || isDureError(error, 'DURE_STORE_TEXT_INVALID')) return false
      throw error
    }
  }

  async #try(events: readonly StoredEvent[]): Promise<Poison | undefined> {
    try {
      await this.#it.work.handle(events, this.#mark, this.#pauseInWork)
      return undefined
    } catch (error) {
      if (isDureError(error, 'DURE_STORE_TEXT_INVALID')) return this.#tryEach(events, error)
      if (!(error instanceof Poison)) throw error
      if (!this.#unhandled(error.event)) await this.#loadAgain([error.event])
      const before = events.filter((it) => it.position < error.event.position && this.#unhandled(it))
      if (before.length > 0) await this.#it.work.handle(before, this.#mark, this.#pauseInWork)
      return error
    }
  }

  // What was decided is refused by every store, for ever: the event that it came of is found by handling each alone.
  async #tryEach(events: readonly StoredEvent[], why: unknown): Promise<Poison | undefined> {
    const left = await this.#loadAgain(events)
    if (events.length === 1) return new Poison(left[0] as StoredEvent, why)
    for (const event of left) {
      const poison = await this.#try([event])
      if (poison !== undefined) return poison
    }
    return undefined
  }

  // The commit that was to move the watermarks did not take place. Which of the events are left to handle?
  async #loadAgain(events: readonly StoredEvent[]): Promise<readonly StoredEvent[]> {
    await this.load()
    const left = events.filter((it) => this.#unhandled(it))
    if (left.length === 0 || left.some((it) => this.#parked.has(streamKey(it.stream)))) throw new Overtaken()
    return left
  }

  #unhandled(event: StoredEvent): boolean {
    return event.position > (this.#slices.get(event.slice) ?? 0)
  }

  // Asked for right before a commit, so what is not begun is left to the next start.
  readonly #mark: Mark = (handled) => {
    if (this.#stopped) throw new Overtaken()
    return { inbox: this.#move(handled) }
  }

  // The map is moved at once: if the commit fails, the consumer loads it again before it goes on.
  #move(handled: readonly StoredEvent[], through = this.#through): InboxMove {
    const moves = new Map<number, { slice: number; from: number; to: number }>()
    // A slice that is new to the store cannot tell a consumer that was forgotten from one that goes on; one that it has can.
    const held = handled.some((it) => this.#slices.has(it.slice))
      ? undefined
      : this.#slices.entries().next().value
    if (held !== undefined) moves.set(held[0], { slice: held[0], from: held[1], to: held[1] })
    for (const { slice, position } of handled) {
      const move = moves.get(slice)
      if (move === undefined) moves.set(slice, { slice, from: this.#slices.get(slice) ?? 0, to: position })
      else move.to = Math.max(move.to, position)
    }
    for (const { slice, to } of moves.values()) this.#slices.set(slice, to)
    const { name, source } = this.#it
    return {
      consumer: name,
      source: source.name,
      epoch: source.store.epoch,
      slices: [...moves.values()],
      through,
    }
  }

  async #park(event: StoredEvent, { code, message: reason }: DureError): Promise<void> {
    const { name, source, target, world, log } = this.#it
    const { stream, position, meta } = event
    const parked: ParkedMessage = { consumer: name, source: source.name, stream, position, code, reason }
    this.#parked.add(streamKey(stream))
    const unit = { at: world.now(), meta, appends: [], parks: [parked], ...this.#mark([event]) }
    storedOrOvertaken(await target.store.commit(unit))
    const { aggregate, id } = stream
    log('error', 'event parked', {
      code,
      reason,
      consumer: name,
      source: source.name,
      aggregate,
      id,
      position,
    })
  }

  // Where nothing concerns the consumer nothing is written; now and then, so that a restart has less to look through.
  async #storeThrough(): Promise<void> {
    const { target, world } = this.#it
    const through = this.#through
    if (through === this.#stored || this.#foreign !== undefined) return
    const meta = { command: world.newId(), actor: 'dure', correlation: world.newId() }
    const inbox = this.#move([], through)
    storedOrOvertaken(await target.store.commit({ at: world.now(), meta, appends: [], inbox }))
    this.#stored = through
  }

  #meet(through: number): void {
    this.#through = Math.max(this.#through, through)
    for (const waiter of this.#waiting) {
      if (waiter.position > this.#through) continue
      this.#waiting.delete(waiter)
      waiter.resolve()
    }
  }

  #report(error: unknown, failures: number): void {
    const fields = { consumer: this.#it.name, source: this.#it.source.name, failures, error }
    this.#it.log(failures > 3 ? 'error' : 'warn', 'consumer failed, trying again', fields)
  }

  readonly #pauseInWork: Pause = async (ms) => {
    await this.#pause(ms)
    if (this.#stopped) throw new Overtaken()
  }

  #pause(ms: number): Promise<void> {
    if (this.#stopped) return Promise.resolve()
    return new Promise((resolve) => {
      const cancel = this.#it.world.after(ms, resolve)
      this.#cancelPause = () => {
        cancel()
        resolve()
      }
    })
  }
}
