import type { StreamId } from '../../ports/event-store.ts'
import { streamKey } from '../../ports/storable.ts'
import type { StateStore } from '../../ports/state-store.ts'
import type { Keeper, Remembered } from './keeper.ts'

/** `measured`: a load that folded so many events and took so long has its state kept, … */
const slow = { events: 50, ms: 5 }
/** … and so has one that folded so many, however long it took; also what was decided on without a load. */
const many = 500

/**
 * Keeps states to go on from for long streams, so that loading one does not cost its whole past. Beside the path of every
 * command: nobody waits, and what fails is tried again with a later state.
 */
export class Snapshots {
  readonly #store: StateStore
  readonly #underWay = new Map<string, Promise<void>>()

  constructor(store: StateStore) {
    this.#store = store
  }

  /** After a load that folded `events` on top of what was kept or remembered, in `ms`. */
  loaded<B extends Remembered>(keeper: Keeper, stream: StreamId, it: B, events: number, ms: number): B {
    const { snapshots } = keeper.keeping
    if (snapshots === 'never' || keeper.mapped) return it
    const since = it.version - (it.snapshot ?? 0)
    const due =
      snapshots === 'measured'
        ? since >= many || (events >= slow.events && since >= slow.events && ms >= slow.ms)
        : since >= snapshots.every
    return due ? this.#keep(keeper, stream, it) : it
  }

  /** After a commit. */
  stored(keeper: Keeper, stream: StreamId, it: Remembered): Remembered {
    const { snapshots } = keeper.keeping
    if (snapshots === 'never' || keeper.mapped) return it
    const every = snapshots === 'measured' ? many : snapshots.every
    return it.version - (it.snapshot ?? 0) >= every ? this.#keep(keeper, stream, it) : it
  }

  /** Resolves when nothing is being kept any more. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay.values())
  }

  #keep<B extends Remembered>({ aggregate, keeping }: Keeper, stream: StreamId, it: B): B {
    const { version, state } = it
    const key = streamKey(stream)
    if (state === undefined || this.#underWay.has(key)) return it
    const kept = { version, shape: keeping.kept.shape, state: aggregate.state.encode(state) }
    const work = this.#store
      .keepSnapshot(stream, kept)
      .catch(() => undefined)
      .finally(() => this.#underWay.delete(key))
    this.#underWay.set(key, work)
    return { ...it, snapshot: version }
  }
}
