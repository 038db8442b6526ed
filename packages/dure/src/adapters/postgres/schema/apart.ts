import { fault } from '../../../kernel/errors/fault.ts'
import { quotedText } from '../schema-name.ts'
import { keepsSessions } from '../server/pooler.ts'
import type { Session, Transaction } from '../session.ts'

const PAUSE = 'select pg_sleep(0.1)'

// Time-outs of a role are meant for its own statements.
const TIMEOUTS = `select name from pg_settings
  where name in ('statement_timeout', 'lock_timeout', 'transaction_timeout') and setting <> '0'`

// It is idle for as long as the other connection has work.
const HOLD = `begin isolation level read committed;
  select set_config(name, '0', true) from pg_settings
  where name in ('idle_in_transaction_session_timeout', 'transaction_timeout')`

/** What is made outside of any transaction. */
export interface Apart {
  readonly schema: string
  readonly what: string
  /** Looks whether it is still to be done, and does it, once it has its turn. */
  make(connection: Transaction): Promise<void>
}

/**
 * Makes what PostgreSQL makes in no transaction, beside writers. Those that want something of one schema take turns by a
 * lock. They look for it now and then, and in no transaction: who waited inside of one would be waited for by an index that
 * is being made.
 *
 * The lock is one of the connection where that is one. Behind a pooler of transactions it would be left on a connection of
 * somebody else; there a second connection holds it, in a transaction that is open and does nothing, which an index does
 * not wait for.
 *
 * @throws DURE_STORE_MIGRATION_POOLED
 */
export async function makeApart(session: Session, it: Apart): Promise<void> {
  const refuse = (reason: string): Error =>
    fault('DURE_STORE_MIGRATION_POOLED', { store: session.store, step: it.what, reason })
  const keeps = await keepsSessions(session)
  if (keeps === undefined) {
    throw refuse('the pool of this process has fewer than three connections, and one has to hold a lock')
  }
  for (;;) {
    const made = keeps
      ? await session.lend((connection) => underSessionLock(connection, it, refuse))
      : await session.lendTwo((holder, connection) => underHeldLock(holder, connection, it, refuse))
    if (made) return
    await session.once(PAUSE)
  }
}

type Refuse = (reason: string) => Error

/** After an error the connection is not used again, and lock and settings are gone with it. */
async function underSessionLock(connection: Transaction, it: Apart, refuse: Refuse): Promise<boolean> {
  if (!(await isGiven(connection, 'pg_try_advisory_lock', it.schema))) return false
  const names = await timeouts(connection)
  for (const name of names) await connection.once(`set ${name} = 0`)
  await it.make(connection)
  for (const name of names) await connection.once(`reset ${name}`)
  if (await isGiven(connection, 'pg_advisory_unlock', it.schema)) return true
  throw refuse('it gives each transaction another connection, so that a lock could not be given back')
}

async function underHeldLock(
  holder: Transaction,
  connection: Transaction,
  it: Apart,
  refuse: Refuse,
): Promise<boolean> {
  const [name] = await timeouts(connection)
  if (name !== undefined) {
    throw refuse(`${name} is set for this role, and can only be lifted on a connection of one's own`)
  }
  await holder.once(HOLD)
  const given = await isGiven(holder, 'pg_try_advisory_xact_lock', it.schema)
  if (given) await it.make(connection)
  await holder.once('commit')
  return given
}

async function isGiven(connection: Transaction, lock: string, schema: string): Promise<boolean> {
  // Without parameters: the portal that a statement with some leaves open in a transaction keeps its snapshot, and an index
  // waits for that.
  const key = `hashtextextended(${quotedText(`dure index ${schema}`)}, 0)`
  const [row] = await connection.once<[string]>(`select ${lock}(${key})`)
  return row?.[0] === 't'
}

async function timeouts(connection: Transaction): Promise<readonly string[]> {
  return (await connection.once<[string]>(TIMEOUTS)).map(([name]) => name)
}
