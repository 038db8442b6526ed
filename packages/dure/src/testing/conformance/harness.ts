import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { JsonObject } from '../../kernel/json.ts'
import type {
  Append,
  Commit,
  CommitOutcome,
  EventMeta,
  LogReader,
  NewEvent,
  StoredEvent,
  StreamId,
} from '../../ports/event-store.ts'
import type { KeptAggregate } from '../../ports/state-store.ts'
import type { ContextStore, Storage } from '../../ports/store.ts'

/** What the author of a storage supplies to have it tried. */
export interface StorageHarness {
  readonly name: string
  /** Whether what was stored before `close` is there after the next `open`. */
  readonly durable: boolean
  /**
   * Whether its contexts take the SQL of their users (`transact`, `within`) and stand on tables that a migration makes.
   * Absent: they do not.
   */
  readonly sql?: boolean
  /** Opens the storage; called once or more per case. Contexts get fresh names, so the data may be kept or not. */
  open(): Promise<Storage>
  /**
   * For a storage whose transactions can stay open while others commit: begins one, so that the log's reader is tried
   * against appenders that are slow and that roll back.
   */
  readonly beginHandler?: (context: string) => Promise<HandlerTransaction>
}

/** A transaction that writes something first and appends later, as a handler does. */
export interface HandlerTransaction {
  /** Any write of its own, before the append. */
  write(): Promise<void>
  /** One event for a stream at `expected`; false if the stream was elsewhere. */
  append(stream: StreamId, expected: number): Promise<boolean>
  commit(): Promise<void>
  rollback(): Promise<void>
}

/** One promise of the ports, tried. Resolves when it is kept, rejects with an AssertionError when not. */
export interface StorageCase {
  readonly name: string
  readonly needs?: 'durable' | 'sql'
  run(trial: Trial): Promise<void>
}

/** What a case works with. */
export interface Trial {
  readonly harness: StorageHarness
  readonly storage: Storage
  /** Opens a context that nobody has used before. */
  readonly fresh: (kept?: readonly KeptAggregate[]) => Promise<ContextStore>
  /** Closes the storage and opens it again. */
  readonly reopen: () => Promise<Storage>
}

export async function runCase(harness: StorageHarness, it: StorageCase): Promise<void> {
  let storage = await harness.open()
  try {
    await it.run({
      harness,
      get storage() {
        return storage
      },
      fresh: (kept) => storage.openContext(freshName(), kept),
      async reopen() {
        await storage.close()
        return (storage = await harness.open())
      },
    })
  } finally {
    await storage.close()
  }
}

export function freshName(): string {
  return `Case${randomUUID().replaceAll('-', '')}`
}

export const noon: Date = new Date('2026-03-01T12:00:00.123Z')

export const meta: EventMeta = { command: 'c-1', actor: 'ann', correlation: 'r-1' }

export function order(id: string, tenant = ''): StreamId {
  return { tenant, aggregate: 'Order', id }
}

export function placed(data: JsonObject = { total: 1 }): NewEvent {
  return { type: 'OrderPlaced', schema: 1, data }
}

/** An append of `count` events. */
export function append(stream: StreamId, expected: number, count = 1): Append {
  const events = Array.from({ length: count }, (_, i) => placed({ n: expected + i + 1 }))
  return { stream, expected, events, ends: false }
}

/** A unit with one append and whatever else is given. */
export function unit(appends: readonly Append[], rest: Partial<Commit> = {}): Commit {
  return { at: noon, meta, appends, ...rest }
}

/** Appends `count` events to a stream at `expected`. */
export function commitTo(
  store: ContextStore,
  stream: StreamId,
  expected: number,
  count = 1,
): Promise<CommitOutcome> {
  return store.commit(unit([append(stream, expected, count)]))
}

/** Reads until `done` says so; gives the reader time, because settling may take several polls. */
export async function readUntil(
  reader: LogReader,
  done: (events: readonly StoredEvent[]) => boolean,
  limit = 100,
  deadlineMs = 10_000,
): Promise<StoredEvent[]> {
  const events: StoredEvent[] = []
  const tries = deadlineMs / 5
  for (let empty = 0; empty < tries && !done(events);) {
    const batch = await reader.next(limit)
    events.push(...batch)
    if (batch.length > 0) continue
    empty++
    await pause(5)
  }
  return events
}

/** `store/version` of each event, in the order given. */
export function places(events: readonly StoredEvent[]): string[] {
  return events.map((it) => `${it.stream.id}/${it.version}`)
}

/** A sequence of numbers in [0, 1) that is the same for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}
