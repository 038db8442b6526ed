import type { ContextRuntime } from '../../app/context-runtime.ts'
import { isDureError, type DureError } from '../../kernel/error.ts'
import { fault } from '../../kernel/errors/fault.ts'
import type { World } from '../../kernel/world.ts'
import type { StreamId } from '../../ports/event-store.ts'
import type { ParkedMessage, ParkedRecord, ParkedTry } from '../../ports/parking.ts'
import { streamKey } from '../../ports/storable.ts'
import type { Arrival } from '../arrival.ts'
import type { Source } from '../source.ts'
import { behind, heldEveryMs, isHeld, mayBeNewer, nextTry } from './next-try.ts'
import { Overtaken, Poison, type EngineLog, type Mark, type Work } from './work.ts'
import { reasonOf } from './reason.ts'

/** How often is looked whether something parked is to be tried: soon where this process knows of some, else now and then. */
const lookMs = { some: 1000, none: 15_000 }
/** What a look costs may be no more than this part of the time. */
const share = 0.05
/** How many messages are tried at one look, so that the rest of the source does not wait for long. */
const most = 100

interface Settings {
  readonly name: string
  readonly source: Source
  readonly target: ContextRuntime
  readonly world: World
  readonly log: EngineLog
  readonly work: Work
  readonly holdMs: number
  readonly stopped: () => boolean
}

/**
 * What one consumer has set aside of one source, by stream, and the trying again. Several processes may try the same: the
 * commit that holds the effect takes the message out of the park, so it is handled once.
 */
export class Park {
  readonly #it: Settings
  #streams = new Map<string, 'parked' | 'held'>()
  /** Streams to try at the next look, whatever their time says. */
  readonly #owed = new Set<string>()
  /** When this process tried what is held: each for itself, or one that does not know it could keep it from one that does. */
  readonly #tried = new Map<string, number>()
  #looked = -Infinity
  #everyMs = lookMs.none
  #more = false

  constructor(settings: Settings) {
    this.#it = settings
  }

  /** How many aggregates have events parked as they are, or held. */
  count(state: 'parked' | 'held'): number {
    return [...this.#streams.values()].filter((it) => it === state).length
  }

  has(stream: StreamId): boolean {
    return this.#streams.has(streamKey(stream))
  }

  /** Takes over what the store knows, but for what only a look tells. */
  load(streams: readonly StreamId[]): void {
    const keys = streams.map(streamKey)
    this.#streams = new Map(keys.map((key) => [key, this.#streams.get(key) ?? 'parked']))
    this.#more = keys.length > 0
  }

  /** Sets an event aside; the commit that says so is to follow. */
  put({ stream, position }: Arrival, why: unknown): ParkedMessage {
    const error = parkedFor(why)
    const { name: consumer, source } = this.#it
    const { code, message: reason } = error
    const tries = code === behind ? 0 : 1
    const held = mayBeNewer(why) && { heldUntil: this.#after(this.#it.holdMs) }
    const message = { consumer, source: source.name, stream, position, code, reason, tries, ...held }
    this.#everyMs = Math.min(this.#everyMs, lookMs.some)
    const key = streamKey(stream)
    if (tries > 0) this.#streams.set(key, held ? 'held' : 'parked')
    if (held) this.#tried.set(key, this.#now)
    return message
  }

  /** Tells that an event was set aside. */
  tell(message: ParkedMessage): void {
    const { code, reason, heldUntil } = message
    const fields = { code, reason, ...this.#fields(message) }
    if (heldUntil !== undefined) return this.#it.log('warn', 'event held', { ...fields, until: heldUntil })
    // One error for an aggregate is enough.
    this.#it.log(code === behind ? 'info' : 'error', 'event parked', fields)
  }

  /** In how many milliseconds the next look is due. */
  get restMs(): number {
    return this.#more ? 0 : Math.max(0, this.#looked + this.#everyMs - this.#now)
  }

  /** Tries what is due, each aggregate's events in their order; `all` of them at a start. */
  async look(all = false): Promise<void> {
    const { name: consumer, source, target, stopped } = this.#it
    const began = this.#now
    const sequences = await target.store.readParkedSequences({ consumer, source: source.name })
    this.#streams = new Map(
      sequences.map(({ first }) => [streamKey(first.stream), first.heldUntil ? 'held' : 'parked']),
    )
    for (const kept of [this.#owed, this.#tried]) {
      for (const key of kept.keys()) if (!this.#streams.has(key)) kept.delete(key)
    }
    if (all) for (const key of this.#streams.keys()) this.#owed.add(key)
    this.#looked = this.#now
    this.#everyMs = Math.max(sequences.length > 0 ? lookMs.some : lookMs.none, (this.#looked - began) / share)
    this.#more = false
    let left = all ? Infinity : most
    for (const { first } of sequences) {
      if (stopped() || !this.#isDue(first)) continue
      if (left <= 0) this.#more = true
      if (left <= 0) return
      const tried = await this.#trySequence(first, all, left)
      if (tried === 'away') return
      left -= tried
    }
  }

  #isDue(first: ParkedRecord): boolean {
    const key = streamKey(first.stream)
    if (this.#owed.has(key) || first.retry) return true
    const now = this.#now
    if (isHeld(first, new Date(now))) return now >= (this.#tried.get(key) ?? -Infinity) + heldEveryMs
    return (nextTry(first)?.getTime() ?? Infinity) <= now
  }

  /** Tries one stream's messages in their order until one fails; resolves to how many were tried. */
  async #trySequence(known: ParkedRecord, all: boolean, limit: number): Promise<number | 'away'> {
    const key = streamKey(known.stream)
    // Until it is done with, so that a store that goes away does not make a try of it.
    this.#owed.add(key)
    this.#tried.set(key, this.#now)
    const loud = all || known.retry
    let tried = 0
    while (tried < limit) {
      const some = await this.#it.target.store.readParked(
        this.#sequence(known),
        Math.min(most, limit - tried),
      )
      for (const message of some) {
        tried++
        const outcome = await this.#tryOne(message, tried === 1, loud)
        if (outcome === 'away') return outcome
        if (outcome === 'handled') continue
        if (outcome === 'failed') this.#owed.delete(key)
        else this.#more = true
        return tried
      }
      if (some.length < most) {
        if (tried < limit) this.#streams.delete(key)
        break
      }
    }
    this.#owed.delete(key)
    if (tried >= limit) this.#more = true
    return tried
  }

  #sequence({ consumer, source, stream }: ParkedRecord) {
    return { consumer, source, ...stream }
  }

  /** `overtaken`: another process is about it. `away`: the source cannot be asked now. */
  async #tryOne(
    message: ParkedRecord,
    first: boolean,
    loud: boolean,
  ): Promise<'handled' | 'failed' | 'overtaken' | 'away'> {
    const event = await this.#find(message)
    if (event === 'away') return event
    const record = first ? await this.#begin(message) : message
    if (record === undefined) return 'overtaken'
    const why = event === undefined ? this.#missing(message) : await this.#handle(event, message)
    if (why === 'overtaken') return why
    if (why === undefined) {
      this.#it.log('info', 'parked event handled', this.#fields(message))
      return 'handled'
    }
    await this.#failed(record, why, loud)
    return 'failed'
  }

  async #find({ position }: ParkedRecord): Promise<Arrival | undefined | 'away'> {
    const { name, source, log } = this.#it
    try {
      return await source.find(position)
    } catch (error) {
      if (!isDureError(error) || error.kind !== 'unavailable') throw error
      log('warn', 'reading a parked event failed, trying again', {
        consumer: name,
        source: source.name,
        error,
      })
      return 'away'
    }
  }

  /** Counts the try before it is made, so that what is asked for from now on is answered by another. */
  async #begin(message: ParkedRecord): Promise<ParkedRecord | undefined> {
    if (message.heldUntil !== undefined && !message.retry) return message
    const begun = { ...message, tries: message.tries + 1, triedAt: new Date(this.#now), retry: false }
    return (await this.#note(message, begun)) ? begun : undefined
  }

  /** Undefined if it went well, else why not. */
  async #handle(event: Arrival, { consumer, source, position }: ParkedRecord): Promise<unknown> {
    const leave: Mark = () => {
      if (this.#it.stopped()) throw new Overtaken()
      return { unparks: [{ consumer, source, position }] }
    }
    try {
      // Without patience: what a policy waits for has had its time while the event was parked.
      await this.#it.work.handle([event], leave, () => Promise.resolve())
      return undefined
    } catch (error) {
      if (error instanceof Overtaken && !this.#it.stopped()) return 'overtaken'
      if (error instanceof Poison) return error.why ?? parkedFor(error.why)
      if (isDureError(error, 'DURE_STORE_TEXT_INVALID')) return error
      throw error
    }
  }

  async #failed(record: ParkedRecord, why: unknown, loud: boolean): Promise<void> {
    const { code, message: reason } = parkedFor(why)
    // One that waited behind another is met only now.
    const { heldUntil } = record.code === behind ? { heldUntil: this.#after(this.#it.holdMs) } : record
    const held = mayBeNewer(why) && heldUntil !== undefined && heldUntil.getTime() > this.#now
    const tries = record.heldUntil !== undefined && !held ? record.tries + 1 : Math.max(1, record.tries)
    const now = { tries, triedAt: new Date(this.#now), code, reason, ...(held && { heldUntil }) }
    const worse = code !== record.code || (record.heldUntil !== undefined && !held)
    this.#streams.set(streamKey(record.stream), held ? 'held' : 'parked')
    if ((worse || reason !== record.reason) && !(await this.#note(record, now))) return
    const { heldUntil: _, ...kept } = record
    if (worse) this.tell({ ...kept, ...now })
    else if (!held) {
      this.#it.log(loud ? 'warn' : 'debug', 'event still parked', { ...this.#fields(record), code, tries })
    }
  }

  #note(record: ParkedRecord, now: ParkedTry): Promise<boolean> {
    return this.#it.target.store.noteTry(record, record.tries, now)
  }

  #missing({ source, position }: ParkedRecord): DureError {
    return fault('DURE_PARKED_GONE', { source, position })
  }

  #fields({ consumer, source, stream, position }: ParkedMessage) {
    const { aggregate, id } = stream
    return { consumer, source, aggregate, id, position }
  }

  #after(ms: number): Date {
    return new Date(this.#now + ms)
  }

  get #now(): number {
    return this.#it.world.now().getTime()
  }
}

function parkedFor(why: unknown): DureError {
  return isDureError(why) ? why : fault('DURE_PARKED_FAILED', { reason: reasonOf(why) }, why)
}
