import { fault } from '../../../kernel/errors/fault.ts'
import type { SqlTransaction } from '../../../ports/transact.ts'
import type { PgClient } from '../pg-pool.ts'
import { Transaction } from '../session.ts'

/** The user's own SQL in a transaction, with errors and values as the driver has them. */
export function sqlOf({ client }: Transaction): SqlTransaction {
  return {
    client,
    async query<R extends object>(text: string, values?: readonly unknown[]): Promise<readonly R[]> {
      const result = await client.query(values === undefined ? { text } : { text, values: [...values] })
      return result.rows as readonly R[]
    },
  }
}

/**
 * A client that the user has, as Dure uses it.
 * @throws DURE_TRANSACTION_CLIENT_INVALID
 */
export function joinClient(store: string, client: object): Transaction {
  if (typeof (client as { query?: unknown } | null)?.query !== 'function') {
    throw fault('DURE_TRANSACTION_CLIENT_INVALID', { store, reason: 'it has no function `query`' })
  }
  // A pool has it too, but each of its statements may go to another connection.
  if ('totalCount' in client && 'idleCount' in client) {
    throw fault('DURE_TRANSACTION_CLIENT_INVALID', { store, reason: 'it is a pool' })
  }
  return new Transaction(client as PgClient)
}

/**
 * Asks once whether a transaction is open on the client: outside of one, a commit in several statements could be left in
 * the middle.
 * @throws DURE_TRANSACTION_CLIENT_INVALID
 */
export function onceBegun(store: string, tx: Transaction): () => Promise<void> {
  let asked: Promise<void> | undefined
  return () =>
    (asked ??= tx.once('savepoint dure_joined; release savepoint dure_joined').then(
      () => undefined,
      (error: unknown) => {
        const { code } = error as { code?: unknown }
        // One in which a statement has failed is open, too.
        if (code === '25P02') return
        if (code !== '25P01') throw error
        const reason = 'no transaction is open on it'
        throw fault('DURE_TRANSACTION_CLIENT_INVALID', { store, reason }, error)
      },
    ))
}
