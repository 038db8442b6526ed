import { fault } from '../../../kernel/errors/fault.ts'
import type { StorageWarning } from '../../../ports/store.ts'
import type { PgClient } from '../pg-pool.ts'
import type { Session, Transaction } from '../session.ts'
import { statement } from '../statement.ts'
import { poolsTransactions } from './pooler.ts'

const OLDEST_VERSION = 15
/** Below this a statement that only waited its turn would be ended, and done again, and ended again. */
const SHORT_MS = 1000

/** What a session really gets: settings of the role and the database are among it. */
type Found = readonly [
  version: string,
  encoding: string,
  standby: string,
  readOnly: string,
  pid: string,
  keepsName: string,
  fsync: string,
  fullPageWrites: string,
  synchronousCommit: string,
  isolation: string,
  statementTimeout: string | null,
  lockTimeout: string | null,
  transactionTimeout: string | null,
]

const milliseconds = (name: string): string => `(select setting from pg_settings where name = '${name}')`

// Prepared on purpose, and asking by which name: that tells whether a pooler has seen to it.
const LOOK = statement<Found>(`select current_setting('server_version'), current_setting('server_encoding'),
  pg_is_in_recovery(), current_setting('transaction_read_only'), pg_backend_pid(),
  exists (select from pg_prepared_statements where name = $1),
  current_setting('fsync'), current_setting('full_page_writes'), current_setting('synchronous_commit'),
  current_setting('default_transaction_isolation'), ${milliseconds('statement_timeout')},
  ${milliseconds('lock_timeout')}, ${milliseconds('transaction_timeout')}`)

/**
 * Once per storage: refuses what no migration could mend, and tells what Dure works with, but not as it promises.
 * @throws DURE_STORE_VERSION, DURE_STORE_UNSUITABLE, DURE_STORE_READ_ONLY, DURE_STORE_POOLER
 */
export async function checkServer(session: Session, connections: number): Promise<readonly StorageWarning[]> {
  const { store } = session
  const { found, isDirect } = await session.lend(look)
  const [version, encoding, standby, readOnly, , keepsName] = found
  if (Number.parseInt(version, 10) < OLDEST_VERSION) {
    throw fault('DURE_STORE_VERSION', { store, found: version, needed: `${OLDEST_VERSION} or newer` })
  }
  if (encoding !== 'UTF8') {
    const reason = `its encoding is ${encoding}; it must be UTF8`
    throw fault('DURE_STORE_UNSUITABLE', { store, reason })
  }
  if (standby === 't') {
    throw fault('DURE_STORE_READ_ONLY', { store, reason: 'the server is a standby that follows another' })
  }
  if (readOnly === 'on') {
    throw fault('DURE_STORE_READ_ONLY', { store, reason: 'default_transaction_read_only is on' })
  }
  // A pooler that passes prepared statements on gives them names of its own.
  if (!isDirect && keepsName === 't' && (await poolsTransactions(session, connections))) {
    const reason = 'it gives each transaction another connection, and prepared statements are not passed on'
    throw fault('DURE_STORE_POOLER', { store, reason })
  }
  return warningsOf(found)
}

async function look(connection: Transaction): Promise<{ found: Found; isDirect: boolean }> {
  const [found] = (await connection.run(LOOK, [LOOK.name])) as readonly [Found]
  // What a pooler says it is at the start of a connection is no process of the server.
  const { processID } = connection.client as PgClient
  return { found, isDirect: String(processID) === found[4] }
}

function warningsOf(found: Found): StorageWarning[] {
  const [, , , , , , fsync, fullPageWrites, synchronousCommit, isolation, ...timeouts] = found
  const warnings: StorageWarning[] = []
  const warn = (setting: string, value: string, advice: string): void =>
    void warnings.push({ setting, found: value, advice })
  if (fsync === 'off') {
    const loss = 'A crash of the machine loses what was acknowledged and can destroy the database'
    warn('fsync', fsync, `${loss}: set fsync = on, except for data that nobody needs.`)
  }
  if (fullPageWrites === 'off') {
    const loss = 'A crash of the machine can leave pages half written, which nothing mends'
    warn('full_page_writes', fullPageWrites, `${loss}: set full_page_writes = on.`)
  }
  if (synchronousCommit === 'off') {
    const loss = 'A crash of the server loses the last commits although they were acknowledged'
    const where = 'for the server, and see ALTER ROLE … SET and ALTER DATABASE … SET'
    warn('synchronous_commit', synchronousCommit, `${loss}: set synchronous_commit = on ${where}.`)
  }
  if (isolation !== 'read committed') {
    const cost = 'Nothing is lost by it, but statements that meet are given up and done again'
    warn('default_transaction_isolation', isolation, `${cost}: set it to read committed for this role.`)
  }
  for (const [i, name] of ['statement_timeout', 'lock_timeout', 'transaction_timeout'].entries()) {
    const ms = Number(timeouts[i] ?? 0)
    if (ms === 0 || ms >= SHORT_MS) continue
    const cost = 'Under load commits that merely wait are ended, and fail'
    warn(name, `${ms}ms`, `${cost}: set it to ${SHORT_MS}ms or more, or 0, for this role.`)
  }
  return warnings
}
