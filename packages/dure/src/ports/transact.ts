import type { Commit, CommitOutcome, StreamHistory, StreamId } from './event-store.ts'

/** A client of the database inside an open transaction, for SQL of the user's own. */
export interface SqlTransaction {
  /** Rows as objects, values as the driver gives them. */
  query<R extends object = Record<string, unknown>>(
    text: string,
    values?: readonly unknown[],
  ): Promise<readonly R[]>
  /** The driver's client, for a query builder or an ORM: a `PoolClient` of pg. Never released by the user. */
  readonly client: object
}

/** A store inside an open transaction: what it reads and stores belongs to the transaction. */
export interface JoinedStore {
  readHistory(stream: StreamId, after?: number): Promise<StreamHistory>
  /** One that is not `ok` leaves the transaction to be rolled back. */
  commit(unit: Commit): Promise<CommitOutcome>
}

/** A store whose commits can stand beside the user's own SQL. */
export interface Transacting {
  /** Runs `work` in a transaction: committed when it resolves, rolled back when it rejects. Never repeated. */
  transact<T>(work: (sql: SqlTransaction, store: JoinedStore) => Promise<T>): Promise<T>
  /**
   * The store inside a transaction that somebody else began on a client of the driver, and ends. `committed` tells the
   * readers of this process that there is news; without it they find it a little later.
   */
  within(client: object): JoinedStore & { committed(): void }
}
