import type { StreamHistory, StreamId } from '../../../ports/event-store.ts'
import type { KeptAggregate } from '../../../ports/state-store.ts'
import type { Session } from '../session.ts'
import type { KeptState } from '../state/kept-state.ts'
import { GroupedCurrency } from './grouped-currency.ts'
import { GroupedHistories } from './grouped-histories.ts'
import { GroupedTables } from './grouped-tables.ts'

/** Reads whole aggregates, and looks whether they are as remembered: under load together with others of their kind. */
export class GroupedReads {
  readonly #one: (stream: StreamId) => Promise<StreamHistory>
  readonly #shapes = new Map<string, string>()
  readonly #tables = new Map<string, GroupedTables>()
  readonly #histories: GroupedHistories
  readonly #currency: GroupedCurrency

  /** `one` reads a single stream. */
  constructor(
    schema: string,
    session: Session,
    state: KeptState,
    kept: Iterable<KeptAggregate>,
    one: (stream: StreamId) => Promise<StreamHistory>,
  ) {
    this.#one = one
    this.#histories = new GroupedHistories(schema, session, one)
    this.#currency = new GroupedCurrency(schema, session, state)
    for (const { aggregate, shape } of kept) {
      const tables = state.tables.get(aggregate)
      if (tables === undefined) this.#shapes.set(aggregate, shape)
      else if (tables.derived) this.#tables.set(aggregate, new GroupedTables(schema, tables, session, one))
    }
  }

  history(stream: StreamId): Promise<StreamHistory> {
    const shape = this.#shapes.get(stream.aggregate)
    if (shape !== undefined) return this.#histories.read(stream, shape)
    return this.#tables.get(stream.aggregate)?.read(stream) ?? this.#one(stream)
  }

  /** See `StateStore.isCurrent`. */
  isCurrent(stream: StreamId, version: number): Promise<boolean> {
    return this.#currency.isCurrent(stream, version)
  }
}
