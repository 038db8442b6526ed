import { isDureError } from '../../kernel/error.ts'
import { fault } from '../../kernel/errors/fault.ts'
import type { World } from '../../kernel/world.ts'
import type { InMessage, Signal, Topic, TopicReader, Transport } from '../../ports/transport.ts'
import type { Arrival } from '../arrival.ts'
import type { EngineLog } from '../consuming/work.ts'
import type { Feed } from '../feeds/feed.ts'
import { Recent } from '../feeds/recent.ts'
import type { Page, Source } from '../source.ts'
import { sharedUpTo } from '../consuming/lineage.ts'
import { Chain } from './chain.ts'
import { lastPieces } from './resume.ts'
import { readPiece, readProgress, type Piece, type Progress } from './wire.ts'

/** Events read from the log at once, where the topic lacks them. */
const page = 500
/** How long a message that others came before may take, before it is looked for in the log. */
const gapMs = 200
/** How long nothing may come of what a relay says it has published, before it is looked for in the log. */
const patienceMs = 1000
/** How long events that are not settled in the log yet are waited for between two looks. */
const lookMs = 50
/** How long a log of this process may not know an epoch that its topic speaks of, before it is one of another log. */
const strangeMs = 10_000
/** How many places of the reader are remembered. */
const places = 64

const growing = (tries: number): number => Math.min(5000, 100 * 2 ** Math.min(tries - 1, 6))

export interface BusFeedOptions {
  readonly transport: Transport
  readonly topic: string
  readonly source: Source
  /** Where the foremost consumer stands, and where its reader was. */
  readonly from: number
  readonly place: string | undefined
  readonly world: World
  readonly log: EngineLog
}

/**
 * What another context publishes, as it comes over the bus, for all consumers of it in this process. Every message names
 * the position that was published before it, so a gap is seen, and what is missing (lost by the broker, or published before
 * it kept anything) is read from the log of the context. A message that comes again is passed over.
 */
export class BusFeed implements Feed {
  readonly #it: BusFeedOptions
  readonly #recent: Recent
  readonly #chain: Chain
  readonly #places: { readonly position: number; readonly place: string }[] = []
  #epoch: string
  #reader: TopicReader | undefined
  /** What the reader was asked for. */
  #coming: Promise<readonly (InMessage | Signal)[]> | undefined
  /** The latest word of a relay that is not yet true here. */
  #promised: Progress | undefined
  /** When something came last. */
  #moved = 0
  /** When the source was asked about an epoch that is not known. */
  #wondered = Number.NEGATIVE_INFINITY
  /** Epochs that are not known, and since when they are met. */
  readonly #strange = new Map<string, number>()
  /** Of these, those that were told to be of another log. */
  readonly #foreign = new Set<string>()
  #closed = false
  #cancel: () => void = () => undefined
  readonly #unhear: () => void
  readonly #running: Promise<void>
  #failure: unknown

  constructor(options: BusFeedOptions) {
    this.#it = options
    const { source, from } = options
    this.#recent = new Recent(from, (after) => source.openLog(after))
    this.#chain = new Chain(from)
    this.#epoch = source.epoch
    this.#unhear = source.onEpoch(() => this.#beginEpoch())
    this.#running = this.#run()
  }

  get mark(): number {
    return this.#recent.mark
  }

  /** Why nothing comes, if so. */
  get failure(): unknown {
    return this.#failure
  }

  after(position: number): Promise<Page> {
    return this.#recent.after(position)
  }

  placeAt(position: number): string | undefined {
    return this.#places.findLast((it) => it.position <= position)?.place
  }

  /** What is settled in the log now has come once this resolves, or the feed is closed. */
  async look(): Promise<void> {
    try {
      const reader = this.#it.source.openLog(this.mark)
      while ((await reader.next(page)).length > 0);
      if (reader.mark > this.mark) await this.#recent.after(reader.mark - 1)
    } catch (error) {
      // The log was restored meanwhile; what there is now is another question.
      if (!isDureError(error, 'DURE_STORE_EPOCH')) throw error
      await this.look()
    }
  }

  close(): void {
    this.#closed = true
    this.#unhear()
    this.#cancel()
    this.#recent.close()
    void this.#reader?.close().catch(() => undefined)
  }

  /** Resolves when nothing of it runs any more. */
  get ended(): Promise<void> {
    return this.#running
  }

  async #run(): Promise<void> {
    let failures = 0
    while (!this.#closed) {
      try {
        await this.#follow(() => {
          failures = 0
          this.#failure = undefined
        })
      } catch (error) {
        if (this.#closed) return
        this.#failure = error
        failures++
        const { topic, log } = this.#it
        log(failures > 3 ? 'error' : 'warn', 'reading the bus failed, trying again', {
          topic,
          failures,
          error,
        })
        await this.#pause(growing(failures))
      }
    }
  }

  async #follow(onProgress: () => void): Promise<void> {
    const { transport } = this.#it
    const topic = await transport.openTopic(this.#it.topic)
    const place = this.placeAt(this.#chain.seen) ?? this.#it.place
    const reader = await topic.read(place === undefined ? 'end' : { place })
    this.#reader = reader
    try {
      // Without a place nothing says what was published before the reader began.
      if (place === undefined) await this.#catchUp(topic)
      onProgress()
      while (!this.#closed) {
        const some = await this.#next(reader)
        await this.#take(some)
        await this.#mend()
        this.#keepPlace(reader.place)
        onProgress()
      }
    } finally {
      this.#reader = undefined
      await reader.close().catch(() => undefined)
    }
  }

  /** The next messages; none when something that was promised has been waited for long enough. */
  async #next(reader: TopicReader): Promise<readonly (InMessage | Signal)[]> {
    const coming = (this.#coming ??= reader.next())
    if (this.#promised === undefined && !this.#chain.waits) {
      this.#coming = undefined
      return coming
    }
    const late = this.#pause(this.#chain.waits ? gapMs : patienceMs).then(() => undefined)
    const some = await Promise.race([coming, late])
    this.#cancel()
    if (some === undefined) return []
    this.#coming = undefined
    return some
  }

  /** Takes what has come as one, so that consumers get pages of it. */
  async #take(some: readonly (InMessage | Signal)[]): Promise<void> {
    let ready: Arrival[] = []
    for (const it of some) {
      if (it.kind === 'signal') {
        this.#hear(readProgress(it.body))
        continue
      }
      const piece = this.#read(it)
      if (piece === undefined || !this.#isOfLog(piece)) continue
      const event = this.#chain.join(piece)
      if (event === undefined) continue
      if (event !== 'elsewhere') {
        ready.push(...this.#chain.take(piece, event, this.#now()))
        continue
      }
      this.#keep(ready)
      ready = []
      const epoch = this.#epoch
      const found = await this.#it.source.find(piece.event.position)
      if (this.#epoch === epoch) ready.push(...this.#chain.take(piece, found, this.#now()))
    }
    this.#keep(ready)
  }

  /** What an epoch shares with the present one is the same event; the rest never was, or is of a log not known here. */
  #isOfLog({ epoch, event }: Piece): boolean {
    if (epoch === this.#epoch) return true
    const shared = sharedUpTo(this.#it.source, epoch)
    if (shared === undefined) this.#wonder(epoch)
    return event.position <= (shared ?? 0)
  }

  /**
   * The log may have been restored, and who asks it over the network has not heard yet. An epoch that it does not know either
   * is of another log: of a system that runs twice, on two databases and one broker.
   */
  #wonder(epoch: string): void {
    const { source } = this.#it
    const now = this.#now()
    const since = this.#strange.get(epoch) ?? now
    this.#strange.set(epoch, since)
    if (now - this.#wondered < patienceMs) return
    this.#wondered = now
    const asked = source.refresh?.() ?? Promise.resolve()
    // A log here hears of a new epoch by itself, soon.
    const isLong = source.refresh !== undefined || now - since > strangeMs
    asked.then(
      () => isLong && this.#tellStrange(epoch),
      // Whatever is asked of it next tells.
      () => undefined,
    )
  }

  #tellStrange(epoch: string): void {
    const { source, topic, log } = this.#it
    if (this.#closed || this.#foreign.has(epoch) || sharedUpTo(source, epoch) !== undefined) return
    this.#foreign.add(epoch)
    const error = fault('DURE_TOPIC_FOREIGN', { topic, context: source.name, epoch })
    log('error', 'topic carries events of another log', { topic, context: source.name, error })
  }

  #read({ body }: InMessage): Piece | undefined {
    const { topic, log } = this.#it
    try {
      return readPiece(topic, body)
    } catch (error) {
      log('warn', 'message passed over', { topic, error })
      return undefined
    }
  }

  #keep(arrivals: readonly Arrival[]): void {
    if (arrivals.length === 0) return
    this.#moved = this.#now()
    this.#recent.keep(arrivals)
    this.#recent.reach(this.#chain.seen)
  }

  #hear(progress: Progress | undefined): void {
    if (progress === undefined) return
    if (progress.epoch !== this.#epoch) {
      if (sharedUpTo(this.#it.source, progress.epoch) === undefined) this.#wonder(progress.epoch)
      return
    }
    if (this.#promised === undefined) this.#moved = this.#now()
    this.#promised = progress
    this.#redeem()
  }

  /** Once everything that was published has come, everything up to the relay's mark has been met. */
  #redeem(): void {
    const progress = this.#promised
    if (progress === undefined || progress.last > this.#chain.seen) return
    this.#promised = undefined
    this.#recent.reach(Math.max(this.#recent.mark, progress.mark))
  }

  /** Reads from the log what the topic should have brought by now. */
  async #mend(): Promise<void> {
    this.#redeem()
    const now = this.#now()
    const gap = this.#chain.gap
    if (gap !== undefined && (gap.crowded || now - gap.since >= gapMs)) await this.#fill(gap.upTo)
    if (this.#promised !== undefined && now - this.#moved >= patienceMs) await this.#fill(this.#promised.last)
    this.#redeem()
  }

  async #catchUp(topic: Topic): Promise<void> {
    const { source } = this.#it
    const ends = (await lastPieces(topic)).map(({ epoch, event }) =>
      Math.min(event.position, sharedUpTo(source, epoch) ?? 0),
    )
    await this.#fill(Math.max(0, ...ends))
  }

  /** Reads the log up to a position, and goes on from there with what has come meanwhile. */
  async #fill(upTo: number): Promise<void> {
    const { source, topic, log } = this.#it
    const from = this.#chain.seen
    if (upTo <= from) return
    const reader = source.openLog(from)
    const epoch = this.#epoch
    let at = from
    for (let moved = this.#now(); at < upTo && !this.#closed;) {
      const events = await reader.next(page)
      if (this.#epoch !== epoch) return
      const before = at
      at = events.at(-1)?.position ?? reader.mark
      this.#recent.keep(events)
      this.#recent.reach(at)
      if (at > before) moved = this.#now()
      else if (this.#now() - moved < patienceMs) await this.#pause(lookMs)
      else {
        log('warn', 'the bus speaks of events that the log does not have', { topic, position: upTo, log: at })
        break
      }
    }
    log('info', 'events read from the log that the bus did not bring', { topic, from, through: at })
    this.#promised = undefined
    this.#keep(this.#chain.skipTo(Math.max(at, upTo)))
  }

  /** The log was restored: what came after the place where the new epoch begins is not in it any more. */
  #beginEpoch(): void {
    const { source } = this.#it
    if (source.epoch === this.#epoch) return
    const shared = sharedUpTo(source, this.#epoch) ?? 0
    this.#epoch = source.epoch
    this.#recent.cut(Math.min(this.#recent.mark, shared))
    this.#chain.cut(this.#recent.mark)
    this.#promised = undefined
    this.#places.splice(0)
  }

  #now(): number {
    return this.#it.world.now().getTime()
  }

  #keepPlace(place: string): void {
    const position = this.#chain.seen
    if (this.#places.at(-1)?.place === place || this.#chain.waits) return
    this.#places.push({ position, place })
    if (this.#places.length > places) this.#places.shift()
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#it.world.after(ms, resolve)
      this.#cancel = () => {
        cancel()
        resolve()
      }
    })
  }
}
