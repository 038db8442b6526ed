import type { ContextRuntime } from '../../app/context-runtime.ts'
import { isDureError } from '../../kernel/error.ts'
import type { World } from '../../kernel/world.ts'
import type { StoredEvent } from '../../ports/event-store.ts'
import type { OutMessage, Topic, Transport, TransportWarning } from '../../ports/transport.ts'
import type { EngineLog } from '../consuming/work.ts'
import { publishedBy } from '../incoming.ts'
import { reasonOf } from '../consuming/reason.ts'
import { LeaseKeeper } from './lease-keeper.ts'
import { RelayPages } from './pages.ts'
import { resumeAt } from './resume.ts'
import { messagesOf, progressText, type Origin, type Publishing } from './wire.ts'

/** How long a lease lasts without being renewed: so long nothing is published after its holder was killed. */
const leaseMs = 6000
/** How often who does not hold the lease asks for it. */
const standbyMs = 2000
/** How often readers are told how far the topic is while nothing is published. */
const progressMs = 1000
/** How long an event that this release does not know is left to a newer one. */
const newerMs = 60_000

/** Waits before the next try, in milliseconds. */
const growing = (tries: number): number => Math.min(5000, 100 * 2 ** Math.min(tries - 1, 6))

/** What a relay tells of itself. */
export interface RelayStatus {
  readonly context: string
  readonly topic: string
  /** `standby`: another process publishes. `failing`: the broker or the store does not do as asked; it is tried again. */
  readonly state: 'starting' | 'publishing' | 'standby' | 'failing' | 'stopped'
  /** Everything up to here that is to be published has been, as far as this process knows. */
  readonly published: number
  /** Position up to which the log is settled, as far as this process knows. */
  readonly mark: number
  readonly error?: { readonly code: string; readonly message: string }
  readonly warnings: readonly TransportWarning[]
}

export interface RelayOptions {
  readonly system: string
  readonly context: ContextRuntime
  readonly transport: Transport
  readonly topic: string
  /** Tells this process from others. */
  readonly holder: string
  readonly world: World
  readonly log: EngineLog
}

/**
 * Publishes what a context publishes: reads its log in order of position, never past the settled mark, and puts the messages
 * into the topic. One process does so at a time, by lease; that saves work and is not what makes it safe: a message follows
 * from the log alone, so one that is published twice or by two at once is the same, and who reads goes by position.
 *
 * Nothing is remembered but in the topic itself: whoever begins asks for its last message and goes on from there. A topic
 * that was wiped is filled again from the beginning of the log.
 */
export class Relay {
  readonly #it: RelayOptions
  readonly #lease: LeaseKeeper
  #state: RelayStatus['state'] = 'starting'
  #error: unknown
  #published = 0
  #topic: Topic | undefined
  #pages: RelayPages | undefined
  #stopped = false
  #running: Promise<void> | undefined
  #cancelPause: () => void = () => undefined
  /** Since when the event at a position waits for a release that knows it. */
  #newer: { readonly position: number; readonly since: number } | undefined

  constructor(options: RelayOptions) {
    this.#it = options
    const { context, holder, world } = options
    this.#lease = new LeaseKeeper(context.store, 'relay', holder, leaseMs, world)
  }

  status(): RelayStatus {
    const error = this.#state === 'failing' ? this.#error : undefined
    const { context, topic } = this.#it
    return {
      context: context.name,
      topic,
      state: this.#state,
      published: this.#published,
      mark: this.#pages?.mark ?? this.#published,
      warnings: this.#topic?.warnings ?? [],
      ...(error !== undefined && {
        error: {
          code: isDureError(error) ? error.code : 'DURE_INTERNAL',
          message: reasonOf(error),
        },
      }),
    }
  }

  start(): void {
    this.#running ??= this.#run()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#pages?.close()
    this.#cancelPause()
    await this.#running
    this.#state = 'stopped'
  }

  async #run(): Promise<void> {
    let failures = 0
    while (!this.#stopped) {
      try {
        if (await this.#lease.take()) {
          await this.#lead(() => (failures = 0))
          if (!this.#stopped && this.#lease.held) await this.#lease.drop()
        } else this.#state = 'standby'
        if (!this.#stopped) await this.#pause(standbyMs)
      } catch (error) {
        if (this.#stopped) break
        failures++
        this.#report(error, failures)
        await this.#pause(growing(failures))
      }
    }
    await this.#lease.drop().catch(() => undefined) // it expires by itself
  }

  /** Publishes for as long as the lease is held and nothing fails. */
  async #lead(onProgress: () => void): Promise<void> {
    const { context, transport, world, log } = this.#it
    const topic = (this.#topic ??= await transport.openTopic(this.#it.topic))
    const { epoch } = context.store
    const from = await resumeAt(topic, context, log)
    const pages = new RelayPages(context.store, world, from)
    this.#pages = pages
    this.#published = from
    this.#state = 'publishing'
    const unlease = this.#lease.onLoss(() => pages.close())
    let last = from
    let told = { epoch, mark: from, last: from }
    let sent: Promise<void> = Promise.resolve()
    let busy = false
    const tell = (): void => topic.signal(progressText(told))
    const stopTelling = this.#every(progressMs, () => void (busy || tell()))
    try {
      tell()
      for (let held: number | undefined; held === undefined && !this.#stopped;) {
        const page = await pages.next()
        if (page === undefined || context.store.epoch !== epoch) break
        const packed = this.#pack(topic, epoch, page.events, last)
        await sent
        held = packed.held
        last = packed.previous
        // What comes before an event that is left to others is published by whoever can.
        const mark = held === undefined ? page.through : last
        busy = true
        sent = this.#send(topic, packed.messages).then(() => {
          busy = false
          told = { epoch, mark, last: packed.previous }
          this.#published = mark
          this.#state = 'publishing'
          onProgress()
          tell()
        })
        // Whoever waits for more events is woken to hear of the failure.
        sent.catch(() => pages.close())
        if (held !== undefined) {
          log('info', 'event left to a newer release', { context: context.name, position: held })
        }
      }
      await sent
    } finally {
      stopTelling()
      unlease()
      pages.close()
    }
  }

  #send(topic: Topic, messages: readonly OutMessage[]): Promise<void> {
    return messages.length === 0 ? Promise.resolve() : topic.publish(messages)
  }

  /** The messages of a page; `held` is the position of an event that this release does not know, and a newer one may. */
  #pack(
    topic: Topic,
    epoch: string,
    events: readonly StoredEvent[],
    last: number,
  ): { messages: readonly OutMessage[]; previous: number; held?: number } {
    const { system, context } = this.#it
    const { partitions, maxBytes } = topic
    const origin: Origin = { system, context: context.name, epoch, partitions, maxBytes }
    const messages: OutMessage[] = []
    let previous = last
    for (const event of events) {
      const publishing = this.#publishing(event)
      if (publishing === 'newer') return { messages, previous, held: event.position }
      const found = messagesOf(origin, event, previous, publishing)
      if (found.length === 0) continue
      messages.push(...found)
      previous = event.position
    }
    return { messages, previous }
  }

  #publishing(event: StoredEvent): Publishing | 'newer' {
    const { context, log, world } = this.#it
    try {
      return { published: publishedBy(context, event) }
    } catch (error) {
      const { position } = event
      const code = isDureError(error) ? error.code : 'DURE_EVENT_UNREADABLE'
      const newer = code === 'DURE_EVENT_VERSION_UNKNOWN' || code === 'DURE_EVENT_UNKNOWN'
      const now = world.now().getTime()
      if (newer && this.#newer?.position !== position) this.#newer = { position, since: now }
      if (newer && now - (this.#newer?.since ?? now) < newerMs) return 'newer'
      log('error', 'event cannot be published', { context: context.name, position, code, error })
      return { unreadable: { code, reason: reasonOf(error) } }
    }
  }

  #report(error: unknown, failures: number): void {
    this.#state = 'failing'
    this.#error = error
    const { context, topic, log } = this.#it
    log(failures > 3 ? 'error' : 'warn', 'relay failed, trying again', {
      context: context.name,
      topic,
      failures,
      error,
    })
  }

  #every(ms: number, run: () => void): () => void {
    let cancel: () => void
    const next = (): void => {
      cancel = this.#it.world.after(ms, () => {
        run()
        next()
      })
    }
    next()
    return () => cancel()
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#it.world.after(ms, resolve)
      this.#cancelPause = () => {
        cancel()
        resolve()
      }
    })
  }
}
