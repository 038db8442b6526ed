import type { PgClient } from '../pg-pool.ts'
import type { Session, Transaction } from '../session.ts'

/** Enough to be given another connection of the server, also while others take some. */
const TRIES = 10

/**
 * Whether a pooler gives each transaction another connection of the server: two connections of ours meet in the same
 * process of it, or one changes from process to process. With a single connection and nobody else about that cannot show.
 */
export function poolsTransactions(session: Session, connections: number): Promise<boolean> {
  if (connections < 2) return session.lend((one) => meets([one]))
  return session.lendTwo((one, other) => meets([one, other]))
}

/** Whether what is done to a connection outlives a transaction; undefined where that cannot be seen. */
export async function keepsSessions(session: Session): Promise<boolean | undefined> {
  const [own, told] = await session.lend(async (connection) => {
    const [row] = await connection.once<[string]>('select pg_backend_pid()')
    return [Number(row?.[0]), (connection.client as PgClient).processID] as const
  })
  // What a pooler says it is at the start of a connection is no process of the server.
  if (own === told) return true
  // A driver that does not say it is mostly asked directly; a pooler with a single client would not show.
  if (session.connections < 3)
    return typeof told === 'number' ? undefined : !(await poolsTransactions(session, 1))
  return !(await poolsTransactions(session, session.connections))
}

async function meets(connections: readonly Transaction[]): Promise<boolean> {
  const owners = new Map<string, Transaction>()
  const processes = new Map<Transaction, string>()
  for (let tries = 0; tries < TRIES; tries++) {
    for (const it of connections) {
      const [row] = await it.once<[string]>('select pg_backend_pid()')
      const process = row?.[0] ?? ''
      if ((owners.get(process) ?? it) !== it || (processes.get(it) ?? process) !== process) return true
      owners.set(process, it)
      processes.set(it, process)
    }
  }
  return false
}
