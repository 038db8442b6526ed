import type { ContextRuntime } from '../../app/context-runtime.ts'
import { fault } from '../../kernel/errors/fault.ts'
import type { InboxMove, StreamId } from '../../ports/event-store.ts'
import type { InboxState } from '../../ports/inbox.ts'
import type { Arrival } from '../arrival.ts'
import type { Source } from '../source.ts'
import { sharedUpTo } from './lineage.ts'
import type { EngineLog } from './work.ts'

interface Settings {
  readonly name: string
  readonly source: Source
  readonly target: ContextRuntime
  readonly log: EngineLog
  readonly anew?: () => Promise<void>
}

/**
 * Where one consumer stands in one source, as the store says it and as this process has moved it since. Positions count
 * only within an epoch of the log: when the log has taken another, the watermarks follow it as far as both share a history.
 */
export class Watermarks {
  readonly #it: Settings
  #slices = new Map<number, number>()
  /** The epoch of the source that was loaded for; undefined before. */
  #epoch: string | undefined
  /** The epoch of the stored watermarks, where the log does not know it. */
  #foreign: string | undefined
  #place: string | undefined
  /** Everything of the source up to here has been met. */
  through = 0
  /** What the store knows of `through`. */
  stored = 0

  constructor(settings: Settings) {
    this.#it = settings
  }

  /** Where the reader of a bus was. */
  get place(): string | undefined {
    return this.#place
  }

  /** Whether the watermarks are of an epoch that the log does not know, so that nothing can be handled. */
  get foreign(): boolean {
    return this.#foreign !== undefined
  }

  /** Whether the log has left the epoch that was loaded for. */
  get left(): boolean {
    return this.#epoch !== this.#it.source.epoch
  }

  /** A number that grows with everything that is handled, by whatever process. */
  get progress(): number {
    let sum = 0
    for (const position of this.#slices.values()) sum += position
    return sum
  }

  /** Whether an event was handled or parked. */
  has({ slice, position }: Arrival): boolean {
    return position <= (this.#slices.get(slice) ?? 0)
  }

  /** Reads where the consumer stands; resolves to the streams that it has parked. */
  async load(): Promise<readonly StreamId[]> {
    const { name, source, target } = this.#it
    const { epoch } = source
    let state = await target.store.readInbox(name, source.name)
    if (state.epoch !== undefined && state.epoch !== epoch) {
      await this.#follow({ ...state, epoch: state.epoch }, epoch)
      state = await target.store.readInbox(name, source.name)
    }
    const foreign = state.epoch !== undefined && state.epoch !== epoch
    this.#epoch = epoch
    this.#foreign = foreign ? state.epoch : undefined
    this.#slices = new Map(state.slices)
    this.#place = foreign ? undefined : state.place
    // Positions of another epoch say nothing about this one.
    this.through = foreign ? 0 : state.through
    this.stored = this.through
    return state.parked
  }

  /** @throws DURE_CONSUMER_EPOCH */
  mustFit(): void {
    const { name, source } = this.#it
    if (this.#foreign === undefined) return
    throw fault('DURE_CONSUMER_EPOCH', { consumer: name, source: source.name, epoch: this.#foreign })
  }

  /** The move over handled events. It counts as made at once: if the commit fails, the marks are to be loaded again. */
  move(handled: readonly Arrival[], place: string | undefined): InboxMove {
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
      epoch: this.#epoch ?? source.epoch,
      slices: [...moves.values()],
      through: this.through,
      ...(place !== undefined && { place }),
    }
  }

  /** Follows the log to its present epoch, if it knows the one that the watermarks are of. */
  async #follow(state: InboxState & { readonly epoch: string }, to: string): Promise<void> {
    const { name: consumer, source, target, log, anew } = this.#it
    const fields = { consumer, source: source.name, epoch: to }
    const clampTo = sharedUpTo(source, state.epoch)
    // An epoch that came up since this process began is the word of one that knows more of the log; it is waited for.
    const told = this.#epoch !== undefined && this.#epoch !== state.epoch
    if (clampTo === undefined && (told || anew === undefined)) return
    const handled = Math.max(0, ...state.slices.values())
    if (anew !== undefined && (clampTo === undefined || handled > clampTo)) {
      await anew()
      log('warn', 'log restored, building view anew', fields)
      return
    }
    if (clampTo === undefined) return
    const from = state.epoch
    const dropped = await target.store.adoptEpoch({ consumer, source: source.name, from, to, clampTo })
    if (dropped === undefined) return
    if (handled <= clampTo) return log('info', 'log restored, going on', fields)
    log('warn', 'log restored without events that were handled', {
      ...fields,
      after: clampTo,
      positions: handled - clampTo,
      parked: dropped.map((it) => it.position),
    })
  }
}
