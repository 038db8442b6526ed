import { fault } from '../../../kernel/errors/fault.ts'
import { lockSchema } from '../migrate.ts'
import { quoted } from '../schema-name.ts'
import type { Transaction } from '../session.ts'
import type { Partition } from './parts.ts'

// Who waits for the lock of the log holds up everybody behind; better to give way and come again.
const LOCK_TIMEOUT_MS = 200
const MAX_TRIES = 150
const PAUSE = 'select pg_sleep(0.2)'

/** What an exchange is about. */
export interface Exchange {
  readonly store: string
  /** Not quoted. */
  readonly schema: string
  readonly partition: Partition
}

/** The table that is to take the place of a partition, until it does. */
export function asideOf({ table }: Partition): string {
  return `${table}_aside`
}

/** Makes the table that is to take the place of a partition, with no row yet. */
export async function makeAside(tx: Transaction, { schema, partition }: Exchange): Promise<void> {
  const { from, to } = partition
  // Rows that are known to fit need not be looked at while the lock is held.
  await tx.once(`
create table ${asideOf(partition)} (like ${quoted(schema)}.events including all)
  with (autovacuum_analyze_threshold = 1000);
alter table ${asideOf(partition)} add constraint fits check (position >= ${from} and position < ${to + 1})`)
}

/**
 * Puts the table in the place of the partition, which is dropped. Everything of it is seen with the end of the transaction,
 * which is to follow at once: until then nobody reads the log or appends to it. `mayGoOn` is asked while nobody does.
 * @throws DURE_STORE_CONTENDED if the log cannot be had for a moment
 */
export async function exchange(
  tx: Transaction,
  it: Exchange,
  mayGoOn: () => Promise<boolean>,
): Promise<boolean> {
  const { schema, partition } = it
  const s = quoted(schema)
  const { table, number, from, to } = partition
  await tx.once(`analyze ${asideOf(partition)}`)
  await lockLog(tx, it)
  // Who holds up everybody must not stall.
  await tx.once(`set local idle_in_transaction_session_timeout = '15s'`)
  if (!(await mayGoOn())) return false
  await tx.once(`
alter table ${s}.events detach partition ${table};
drop table ${table};
alter table ${asideOf(partition)} rename to events_${number};
alter table ${s}.events attach partition ${table} for values from (${from}) to (${to + 1});
alter table ${table} drop constraint fits`)
  return true
}

async function lockLog(tx: Transaction, { store, schema, partition }: Exchange): Promise<void> {
  for (let tries = 1; ; tries++) {
    await tx.once('savepoint locking')
    try {
      await lockSchema(tx, schema)
      await tx.once(`set local lock_timeout = ${LOCK_TIMEOUT_MS}`)
      // The log first, as everybody does: who has it reads and writes its partitions.
      await tx.once(`lock table only ${quoted(schema)}.events in access exclusive mode`)
      await tx.once(`lock table only ${partition.table} in access exclusive mode`)
      return
    } catch (error) {
      if ((error as { code?: unknown }).code !== '55P03') throw error
      await tx.once('rollback to savepoint locking')
      if (tries >= MAX_TRIES) {
        const reason = `${quoted(schema)}.events is in use by transactions that do not end`
        throw fault('DURE_STORE_CONTENDED', { store, tries, reason }, error)
      }
      await tx.once(PAUSE)
    }
  }
}
