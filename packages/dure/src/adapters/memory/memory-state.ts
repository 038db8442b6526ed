import type { Append, Baseline, StreamHistory, StreamId } from '../../ports/event-store.ts'
import { streamKey } from '../../ports/storable.ts'
import type { AggregateTables, KeptAggregate, Snapshot, StateChange } from '../../ports/state-store.ts'
import { frozenJson } from './frozen.ts'
import { MemoryClaims } from './memory-claims.ts'
import { changedRow, type MemoryRow, MemoryTables, rowsOf } from './memory-tables.ts'

/** How an opening of a context keeps its aggregates, by their names. */
export type Kept = ReadonlyMap<string, KeptAggregate>

/** A row that is ready to be put in its place. */
export interface PreparedRow {
  readonly tables: AggregateTables
  readonly stream: StreamId
  readonly row: MemoryRow | undefined
}

/** What one context keeps of its aggregates besides their events. */
export class MemoryState {
  readonly claims: MemoryClaims = new MemoryClaims()
  readonly #tables = new MemoryTables()
  readonly #snapshots = new Map<string, Snapshot>()

  row(stream: StreamId, kept: Kept): MemoryRow | undefined {
    const tables = kept.get(stream.aggregate)?.tables
    return tables && this.#tables.find(tables, stream)
  }

  /** Whether the row of a stream is as a change expects it. None stands here without a version, to be adopted. */
  shows(stream: StreamId, { from, root, adopts, whole }: StateChange, kept: Kept): boolean {
    const row = this.row(stream, kept)
    if (adopts === true || (row?.version ?? 0) !== from) return false
    // A difference is one to the rows of this shape: another release may have written others at the same version.
    const differs = root !== undefined && !whole && row !== undefined
    return !differs || row.shape === kept.get(stream.aggregate)?.shape
  }

  /** The rows after a change, for a program that keeps the aggregate in tables; nothing is stored yet. */
  prepare(
    stream: StreamId,
    change: StateChange,
    version: number,
    kept: Kept,
    committed: boolean = false,
  ): PreparedRow | undefined {
    const { tables, shape = '' } = kept.get(stream.aggregate) ?? {}
    if (tables === undefined) return undefined
    const before = this.#tables.find(tables, stream)
    return { tables, stream, row: changedRow(before, tables, change, { version, shape, committed }) }
  }

  prepareAll(appends: readonly Append[], kept: Kept): PreparedRow[] {
    return appends.flatMap(
      ({ stream, expected, events, state }) =>
        (state && this.prepare(stream, state, expected + events.length, kept, true)) ?? [],
    )
  }

  put({ tables, stream, row }: PreparedRow): void {
    this.#tables.put(tables, stream, row)
  }

  keepSnapshot(stream: StreamId, { version, shape, state }: Snapshot): void {
    const key = streamKey(stream)
    const found = this.#snapshots.get(key)
    if (found !== undefined && found.shape === shape && found.version > version) return
    this.#snapshots.set(key, { version, shape, state: frozenJson('state', state) })
  }

  /** Whether the row of a stream at a version is as its commit left it. */
  isCurrent(stream: StreamId, version: number, kept: Kept): boolean {
    const row = this.row(stream, kept)
    return row?.version === version && row.committed && row.shape === kept.get(stream.aggregate)?.shape
  }

  /** Where a load of the whole stream can go on from, and what it saw of the row. */
  startOf(stream: StreamId, kept: Kept): Pick<StreamHistory, 'baseline' | 'row'> {
    const { tables, shape } = kept.get(stream.aggregate) ?? {}
    if (shape === undefined) return {}
    if (tables === undefined) {
      const snapshot = this.#snapshots.get(streamKey(stream))
      if (snapshot?.shape !== shape) return {}
      return { baseline: { version: snapshot.version, snapshot: snapshot.state } }
    }
    const row = this.#tables.find(tables, stream)
    if (row === undefined) return {}
    if (row.shape !== shape) return { row: row.version }
    const baseline: Baseline = { version: row.version, rows: rowsOf(row, tables) }
    return { baseline, row: row.version }
  }
}
