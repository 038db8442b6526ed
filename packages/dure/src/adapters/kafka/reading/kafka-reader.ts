import type { Connection } from '@platformatic/kafka'
import type { InMessage, Signal, TopicReader } from '../../../ports/transport.ts'
import type { Address } from '../address.ts'
import { textOfAddress } from '../cluster.ts'
import { fetchFrom, type Found, type Wanted } from './fetching.ts'
import { ledBy, offsetsOf } from './offsets.ts'
import { type Place, placeText, type Position, startOf } from './place.ts'
import { bodiesOf } from './records.ts'
import { pause } from '../timers.ts'
import type { TopicLog, TopicState } from '../topic-log.ts'

/** What lies unread at most when more is asked for. */
const LOW_MESSAGES = 1000
const LOW_BYTES = 4 * 1024 * 1024
const BOUNDS = { waitMs: 5000, bytes: 4 * 1024 * 1024, partitionBytes: 1024 * 1024 }
/** A broker answers after its wait; who does not is gone. */
const ANSWER_MS = BOUNDS.waitMs + 5000

const FIRST_PAUSE_MS = 20
const LONGEST_PAUSE_MS = 2000

/** Where signals are read. */
interface SignalPlace {
  readonly topicId: string
  readonly position: Position
}

/** What is fetched from one broker. */
interface Share {
  readonly leader: Address
  readonly led: readonly number[]
  readonly withSignals: boolean
}

export interface ReaderParts {
  readonly log: TopicLog
  readonly place: Place
  readonly signals: SignalPlace | undefined
  readonly onClose: (reader: KafkaReader) => void
}

/** Follows all partitions of a topic, over a connection of its own to each broker that leads some of them. */
export class KafkaReader implements TopicReader {
  readonly #log: TopicLog
  readonly #onClose: (reader: KafkaReader) => void
  readonly #connections = new Set<Connection>()
  #unread: InMessage[] = []
  #unreadBytes = 0
  #signal: Signal | undefined
  /** After the last message received of each partition. */
  #topicId: string
  #positions: Position[]
  #signals: SignalPlace | undefined
  /** After everything that `next` has returned. */
  #returned: Place
  #closed = false
  #wake: (() => void) | undefined
  #drained: (() => void)[] = []

  constructor({ log, place, signals, onClose }: ReaderParts, state: TopicState) {
    this.#log = log
    this.#onClose = onClose
    this.#topicId = place.topicId
    this.#positions = [...place.positions]
    this.#signals = signals
    this.#returned = place
    // It has nothing to reject with, and ends when the reader is closed.
    void this.#follow(state)
  }

  get place(): string {
    return placeText(this.#returned)
  }

  async next(): Promise<readonly (InMessage | Signal)[]> {
    for (;;) {
      if (this.#closed) return []
      const found = this.#take()
      if (found.length > 0) return found
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#onClose(this)
    this.#wake?.()
    this.#drain()
    this.#unread = []
    await Promise.all(Array.from(this.#connections, (it) => this.#log.cluster.end(it)))
  }

  #take(): readonly (InMessage | Signal)[] {
    const found: (InMessage | Signal)[] = this.#unread
    this.#unread = []
    this.#unreadBytes = 0
    if (found.length > 0) this.#returned = { topicId: this.#topicId, positions: [...this.#positions] }
    if (this.#signal !== undefined) found.push(this.#signal)
    this.#signal = undefined
    this.#drain()
    return found
  }

  #drain(): void {
    for (const go of this.#drained.splice(0)) go()
  }

  /** Resolves when there is room for more. */
  async #room(): Promise<void> {
    while (!this.#closed && (this.#unread.length > LOW_MESSAGES || this.#unreadBytes > LOW_BYTES)) {
      await new Promise<void>((resolve) => this.#drained.push(resolve))
    }
  }

  async #follow(seen: TopicState): Promise<void> {
    const { timers } = this.#log.cluster
    let state: TopicState | undefined = seen
    let waitMs = FIRST_PAUSE_MS
    while (!this.#closed) {
      try {
        state ??= await this.#log.ensure()
        await this.#find(state)
        await this.#fetchAll(state, () => (waitMs = FIRST_PAUSE_MS))
      } catch {
        // Away, led by another, gone, or set up by somebody in another way: all of these can be mended by others.
        this.#log.forget()
      }
      if (this.#closed) return
      state = undefined
      await pause(timers, waitMs * (0.5 + timers.random() / 2))
      waitMs = Math.min(waitMs * 2, LONGEST_PAUSE_MS)
    }
  }

  /** A topic that was made again is read from its first message on. */
  async #find(state: TopicState): Promise<void> {
    if (state.id !== this.#topicId) {
      this.#topicId = state.id
      this.#positions = [...startOf(state.id, state.leaders.length).positions]
    }
    if (state.signals?.id === this.#signals?.topicId) return
    this.#signals = await signalsEnd(this.#log, state)
  }

  /** Ends when one of the brokers cannot be read from. */
  async #fetchAll({ leaders, signals }: TopicState, onAnswer: () => void): Promise<void> {
    const over = { now: false }
    const all = this.#positions.map((_, partition) => partition)
    const shares = Array.from(ledBy(leaders, all), ([leader, led]) => {
      const withSignals = signals !== undefined && textOfAddress(signals.leader) === textOfAddress(leader)
      return { leader, led, withSignals }
    })
    // Signals come with the messages of the broker that leads them, if it leads any.
    if (signals !== undefined && !shares.some((it) => it.withSignals)) {
      shares.push({ leader: signals.leader, led: [], withSignals: true })
    }
    const fetching = shares.map((it) => this.#fetch(it, over, onAnswer).finally(() => this.#stop(over)))
    const ends = await Promise.allSettled(fetching)
    const failed = ends.find((it) => it.status === 'rejected')
    if (failed !== undefined) throw failed.reason
  }

  #stop(over: { now: boolean }): void {
    over.now = true
    for (const connection of this.#connections) void this.#log.cluster.end(connection)
    this.#drain()
  }

  async #fetch(
    { leader, led, withSignals }: Share,
    over: { readonly now: boolean },
    onAnswer: () => void,
  ): Promise<void> {
    const { cluster } = this.#log
    const connection = await cluster.connect(leader, ANSWER_MS)
    this.#connections.add(connection)
    try {
      while (!over.now && !this.#closed) {
        await this.#room()
        if (this.#closed || over.now) return
        const topicId = this.#topicId
        const wanted = led.map((partition): Wanted => ({ topicId, partition, position: this.#at(partition) }))
        if (withSignals && this.#signals !== undefined) wanted.push({ ...this.#signals, partition: 0 })
        const found = await fetchFrom(cluster, connection, wanted, BOUNDS)
        if (this.#closed || over.now) return
        for (const it of found) await this.#received(it)
        onAnswer()
      }
    } finally {
      this.#connections.delete(connection)
      await cluster.end(connection)
    }
  }

  #at(partition: number): Position {
    return this.#positions[partition] ?? { offset: 0n, epoch: -1 }
  }

  async #received(found: Found): Promise<void> {
    if (found.topicId === this.#signals?.topicId) return this.#signalled(found, this.#signals)
    const { partition, batches, divergedAt, isOutOfRange } = found
    const before = this.#at(partition)
    if (isOutOfRange) {
      const first = await this.#firstOf(partition)
      this.#positions[partition] = first
      return
    }
    if (divergedAt !== undefined) {
      const offset = divergedAt.offset < before.offset ? divergedAt.offset : before.offset
      this.#positions[partition] = { offset, epoch: divergedAt.epoch }
      return
    }
    const { bodies, bytes, position } = bodiesOf(batches, before)
    this.#positions[partition] = position
    if (bodies.length === 0) return
    for (const body of bodies) this.#unread.push({ kind: 'message', partition, body })
    this.#unreadBytes += bytes
    this.#wake?.()
  }

  /** Nothing is kept where the reader stands: it expired, or the broker lost its end. */
  async #firstOf(partition: number): Promise<Position> {
    const state = this.#log.seen ?? (await this.#log.ensure())
    const first = await offsetsOf(this.#log, this.#log.name, state.leaders, 'first', [partition])
    return first.get(partition) ?? { offset: 0n, epoch: -1 }
  }

  async #signalled({ batches, isOutOfRange, divergedAt }: Found, at: SignalPlace): Promise<void> {
    if (isOutOfRange || divergedAt !== undefined) {
      const state = this.#log.seen ?? (await this.#log.ensure())
      this.#signals = await signalsEnd(this.#log, state)
      return
    }
    const { bodies, position } = bodiesOf(batches, at.position)
    this.#signals = { ...at, position }
    const body = bodies.at(-1)
    if (body === undefined) return
    this.#signal = { kind: 'signal', body }
    this.#wake?.()
  }
}

/** Behind the signals that were given up to now; undefined where nothing carries them. */
export async function signalsEnd(log: TopicLog, { signals }: TopicState): Promise<SignalPlace | undefined> {
  if (signals === undefined) return undefined
  const end = await offsetsOf(log, log.signals, [signals.leader], 'end')
  return { topicId: signals.id, position: end.get(0) ?? { offset: 0n, epoch: -1 } }
}
