import { Rejection } from '../../domain/aggregate-definition.ts'
import type { Decided } from '../../domain/decide.ts'
import type { World } from '../../kernel/world.ts'
import type { StreamId } from '../../ports/event-store.ts'
import { streamKey } from '../../ports/storable.ts'
import type { ContextStore } from '../../ports/store.ts'
import { nothing, type Baseline, type Keeper, type Remembered } from './keeper.ts'
import { Snapshots } from './snapshots.ts'

/** How many aggregates a process remembers of each context, at most, where nothing else is said. */
const remembered = 10_000

/**
 * The aggregates this process has lately seen, so that deciding again on one costs no read of its whole past. A remembered
 * state is only a place to begin: what is decided on it is stored under its version, which refuses what is stale; and
 * whoever would answer without storing anything (a rejection, nothing to do, an error) reads first.
 */
export class Baselines {
  readonly #store: ContextStore
  readonly #world: World
  readonly #snapshots: Snapshots
  readonly #limit: number
  // Two generations: when the younger is full it becomes the older, and what nobody has used since is gone. One map in
  // the order of use would be looked through from its beginning, past all that it has forgotten, to forget one more.
  #young = new Map<string, Baseline>()
  #old = new Map<string, Baseline>()

  constructor(store: ContextStore, world: World, limit: number = remembered) {
    this.#limit = limit
    this.#store = store
    this.#world = world
    this.#snapshots = new Snapshots(store)
  }

  /** The aggregate as remembered, if it is. */
  known(stream: StreamId): Baseline | undefined {
    const key = streamKey(stream)
    const young = this.#young.get(key)
    if (young !== undefined) return young
    const old = this.#old.get(key)
    if (old !== undefined) this.#keep(key, old)
    return old
  }

  /** The aggregate as remembered, or as read from the store where nothing is. */
  async recall(keeper: Keeper, stream: StreamId): Promise<Baseline> {
    return this.known(stream) ?? (await this.read(keeper, stream))
  }

  /**
   * The aggregate as the store has it; only what came since the remembered version is read. One kept in tables is read
   * from there, because its next change must know what stands there, unless that is what is remembered.
   */
  async read(keeper: Keeper, stream: StreamId): Promise<Baseline> {
    const key = streamKey(stream)
    const found = this.#young.get(key) ?? this.#old.get(key)
    if (!keeper.mapped) return this.#readSince(keeper, stream, found)
    if (found !== undefined && showsAll(found) && (await this.#store.isCurrent(stream, found.version))) {
      if (!this.#young.has(key)) this.#keep(key, found)
      return { ...found, certain: true }
    }
    return this.#readSince(keeper, stream, undefined)
  }

  async #readSince(keeper: Keeper, stream: StreamId, known: Remembered | undefined): Promise<Baseline> {
    const found = await this.#fetch(keeper, stream, known)
    if (known !== undefined && found.version < known.version) {
      // The store was restored to an earlier day under this process.
      this.forget(stream)
      return this.#readSince(keeper, stream, undefined)
    }
    this.#remember(streamKey(stream), found)
    return found
  }

  async #fetch(keeper: Keeper, stream: StreamId, known: Remembered | undefined): Promise<Baseline> {
    const began = this.#world.now().getTime()
    const history = await this.#store.readHistory(stream, known?.version)
    if (known !== undefined && history.version < known.version)
      return { ...nothing, version: history.version }
    const found = keeper.restored(stream, history, known)
    const ms = this.#world.now().getTime() - began
    return this.#snapshots.loaded(keeper, stream, found, history.events.length, ms)
  }

  /** Keeps what is known to be stored. */
  remember(keeper: Keeper, stream: StreamId, it: Remembered): void {
    this.#remember(streamKey(stream), this.#snapshots.stored(keeper, stream, it))
  }

  /** For what the store does not confirm. */
  forget(stream: StreamId): void {
    const key = streamKey(stream)
    this.#young.delete(key)
    this.#old.delete(key)
  }

  /** Resolves when nothing is on its way to the store any more. */
  settled(): Promise<void> {
    return this.#snapshots.settled()
  }

  #remember(key: string, it: Remembered): void {
    if (it.version > 0 && !it.ended) return this.#keep(key, { ...it, certain: false })
    this.#young.delete(key)
    this.#old.delete(key)
  }

  #keep(key: string, baseline: Baseline): void {
    this.#young.set(key, baseline)
    if (this.#young.size < this.#limit / 2) return
    this.#old = this.#young
    this.#young = new Map()
  }
}

/** Whether the rows that are remembered are those of the state that is. */
function showsAll({ row, version }: Remembered): boolean {
  return row?.rows !== undefined && row.version === version
}

/**
 * What is decided on a state, or undefined where a remembered one is to be read and decided on again: a rejection, nothing
 * to do or an error store nothing under its version, so nothing would prove it right.
 */
export function onState(it: Baseline, decide: () => Decided | Rejection): Decided | Rejection | undefined {
  if (it.certain) return decide()
  try {
    const decided = decide()
    return decided instanceof Rejection || decided.events.length === 0 ? undefined : decided
  } catch {
    return undefined
  }
}
