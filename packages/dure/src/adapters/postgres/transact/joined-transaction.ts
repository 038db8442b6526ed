import type { Commit, CommitOutcome, StreamHistory, StreamId } from '../../../ports/event-store.ts'
import type { JoinedStore } from '../../../ports/transact.ts'
import type { Transaction } from '../session.ts'
import { REFUSED } from '../state/state-error.ts'

/** What the store of a context does in a transaction that it is given. */
export interface Joinable {
  readHistory(tx: Transaction, stream: StreamId, after: number): Promise<StreamHistory>
  commit(tx: Transaction, unit: Commit): Promise<CommitOutcome>
}

/** The store inside one transaction; remembers what was stored, to tell of it once that is there for others. */
export class JoinedTransaction implements JoinedStore {
  readonly #store: Joinable
  readonly #tx: Transaction
  /** Makes sure, before anything is written, that the transaction is one. */
  readonly #begun: () => Promise<void>
  readonly #positions: number[] = []
  #refused = false

  constructor(store: Joinable, tx: Transaction, begun: () => Promise<void>) {
    this.#store = store
    this.#tx = tx
    this.#begun = begun
  }

  /** The last positions of what was appended. */
  get positions(): readonly number[] {
    return this.#positions
  }

  /** Something was not stored, and what was may be there in part: the transaction must not be committed. */
  get refused(): boolean {
    return this.#refused
  }

  readHistory(stream: StreamId, after = 0): Promise<StreamHistory> {
    return this.#store.readHistory(this.#tx, stream, after)
  }

  async commit(unit: Commit): Promise<CommitOutcome> {
    await this.#begun()
    let outcome: CommitOutcome | undefined
    try {
      outcome = await this.#store.commit(this.#tx, unit)
    } finally {
      if (outcome?.ok !== true) await this.#spoil()
    }
    if (outcome.ok) this.#positions.push(...outcome.positions)
    return outcome
  }

  /** Whoever goes on all the same cannot commit what is there in part: only a failed statement makes sure of that. */
  async #spoil(): Promise<void> {
    this.#refused = true
    await this.#tx.once(`select '${REFUSED}what was stored in part'::int`).catch(() => undefined)
  }
}
