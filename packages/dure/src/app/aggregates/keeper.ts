import type { AggregateDefinition, State } from '../../domain/aggregate-definition.ts'
import type { Decided } from '../../domain/decide.ts'
import { restore } from '../../domain/restore.ts'
import { fault } from '../../kernel/errors/fault.ts'
import { claimChange, claimsOf } from '../../persistence/claims.ts'
import type { Keeping } from '../../persistence/keeping.ts'
import type { Mapping } from '../../persistence/mapping/mapping.ts'
import type { ShownState } from '../../persistence/mapping/write-rows.ts'
import { changeOf } from '../../persistence/change.ts'
import { fromRows, toRows } from '../../persistence/rows.ts'
import type { Append, Baseline as StoredBaseline, StreamHistory, StreamId } from '../../ports/event-store.ts'
import type { StateRows } from '../../ports/state-store.ts'
import { encodeEvents } from './encode-events.ts'

/** An aggregate at a version. `state` is undefined before it exists and once it has ended. */
export interface Baseline {
  readonly version: number
  readonly state: State | undefined
  readonly ended: boolean
  /** Just read from the store. Else remembered: another process may have changed the aggregate since. */
  readonly certain: boolean
  /** Where the aggregate is kept in tables: what stands there. */
  readonly row?: KnownRow
  /** Version of the newest snapshot known. */
  readonly snapshot?: number
}

/** The row of an aggregate at a version, 0 for none; `rows` where its cells are known. */
export interface KnownRow {
  readonly version: number
  readonly rows?: StateRows
}

/** What a process may remember of an aggregate. */
export type Remembered = Omit<Baseline, 'certain'>

/** Nothing yet: what a factory decides on; that the id is free is for the store to say. */
export const nothing: Baseline = { version: 0, state: undefined, ended: false, certain: true }

/** The way of one aggregate into its store and out of it, the same for commands, policies and repositories. */
export class Keeper {
  readonly aggregate: AggregateDefinition
  readonly keeping: Keeping

  constructor(aggregate: AggregateDefinition, keeping: Keeping) {
    this.aggregate = aggregate
    this.keeping = keeping
  }

  /** Only where it is mapped. */
  get #mapping(): Mapping {
    return this.keeping.mapping as Mapping
  }

  /** Whether its state stands in tables. */
  get mapped(): boolean {
    return this.keeping.mapping !== undefined
  }

  /**
   * The aggregate from what the store told of it, which began after `known` where that is given.
   * @throws DURE_STATE_CHANGED, DURE_EVENTS_MISSING, DURE_STATE_UNREADABLE and the errors of stored events
   */
  restored(stream: StreamId, history: StreamHistory, known?: Remembered): Baseline {
    const { version, ended, events, baseline, row = 0 } = history
    const { aggregate, id } = stream
    // A row without a version is one that somebody else has put there.
    const strange = row > version || (history.row === 0 && version > 0 && !ended)
    if (strange) throw fault('DURE_STATE_CHANGED', { aggregate, id, expected: version, found: row })
    const kept = this.mapped && { row: rowOf(row, baseline) }
    if (ended || version === 0) return { version, state: undefined, ended, certain: true, ...kept }
    const from = baseline?.version ?? known?.version ?? 0
    if (from + events.length !== version) {
      throw fault('DURE_EVENTS_MISSING', { aggregate, id, from, to: version, found: events.length })
    }
    const before = baseline === undefined ? known?.state : this.#stateOf(baseline, id)
    const state = restore(this.aggregate, id, events, before)
    const snapshot = baseline?.version ?? known?.snapshot ?? 0
    return { version, state, ended, certain: true, snapshot, ...kept }
  }

  /** What is to be stored of a decision, and the aggregate once it is. */
  next(stream: StreamId, before: Baseline, decided: Decided): { append: Append; after: Remembered } {
    const { state, ended } = decided
    const { version: expected, snapshot } = before
    const events = encodeEvents(this.aggregate, decided.events)
    const version = expected + events.length
    const row = this.#rowAfter(stream, version, before, state)
    const claims = this.#claims(before.state, state)
    const append: Append = {
      stream,
      expected,
      events,
      ends: ended,
      ...(row !== undefined && { state: this.#change(before, row.rows) }),
      ...(claims !== undefined && { claims }),
    }
    const after = { version, state, ended, ...(snapshot !== undefined && { snapshot }), ...(row && { row }) }
    return { append, after }
  }

  #stateOf(baseline: StoredBaseline, id: string): State {
    const json = 'snapshot' in baseline ? baseline.snapshot : fromRows(this.#mapping, baseline.rows, id)
    return Object.freeze(this.aggregate.state.decode(json))
  }

  #rowAfter(
    { id }: StreamId,
    version: number,
    before: Baseline,
    state: State | undefined,
  ): KnownRow | undefined {
    const { mapping } = this.keeping
    if (mapping === undefined) return undefined
    if (state === undefined) return { version }
    return { version, rows: toRows(mapping, state, id, shownOf(before)) }
  }

  #change({ row }: Baseline, after: StateRows | undefined): NonNullable<Append['state']> {
    return changeOf(this.#mapping, row?.rows, after, row?.version ?? 0)
  }

  #claims(before: State | undefined, after: State | undefined): Append['claims'] {
    if (this.aggregate.uniques.length === 0) return undefined
    return claimChange(claimsOf(this.aggregate, before), claimsOf(this.aggregate, after))
  }
}

/** A state with the rows that show it; they may be those of an earlier one. */
function shownOf({ version, state, row }: Remembered): ShownState | undefined {
  if (state === undefined || row?.rows === undefined || row.version !== version) return undefined
  return { state, rows: row.rows }
}

function rowOf(version: number, baseline: StoredBaseline | undefined): KnownRow {
  return baseline !== undefined && 'rows' in baseline ? { version, rows: baseline.rows } : { version }
}
