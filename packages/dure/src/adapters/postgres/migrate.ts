import { fault } from '../../kernel/errors/fault.ts'
import { migrations } from './migrations/index.ts'
import { checksum, type Migration, sqlFor } from './migrations/migration.ts'
import { quoted } from './schema-name.ts'
import type { Session, Transaction } from './session.ts'

type Applied = readonly (readonly [number: string, checksum: string])[]
type Queries = Pick<Session, 'once'>

/**
 * Brings a schema up to date, each migration in a transaction of its own. Processes that start at once take turns under
 * an advisory lock; a schema that is up to date is only read.
 *
 * @throws DURE_STORE_NEWER, DURE_STORE_MIGRATION_CHANGED, DURE_STORE_SCHEMA_TAKEN
 */
export async function migrate(
  session: Session,
  context: string,
  schema: string,
  steps: readonly Migration[] = migrations,
): Promise<void> {
  const found = await readApplied(session, schema)
  if (found !== undefined && nextStep(schema, found, steps) === undefined) return
  while (await session.transaction((tx) => applyNext(tx, context, schema, steps)));
}

/** Serialises whatever changes the tables of a schema; released with the transaction. */
export async function lockSchema(tx: Transaction, schema: string): Promise<void> {
  // The role may have short time-outs for its own statements; none of them is meant for these.
  await tx.once('set local statement_timeout = 0; set local lock_timeout = 0')
  await tx.once('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`dure schema ${schema}`])
}

async function applyNext(
  tx: Transaction,
  context: string,
  schema: string,
  steps: readonly Migration[],
): Promise<boolean> {
  await lockSchema(tx, schema)
  let found = await readApplied(tx, schema)
  if (found === undefined) {
    await createSchema(tx, context, schema)
    found = []
  }
  const next = nextStep(schema, found, steps)
  if (next === undefined) return false
  await tx.once(sqlFor(next, schema))
  await tx.once(
    `insert into ${quoted(schema)}.migrations (number, name, checksum, applied_at) values ($1, $2, $3, now())`,
    [next.number, next.name, checksum(next)],
  )
  return true
}

async function readApplied(queries: Queries, schema: string): Promise<Applied | undefined> {
  // Not to_regclass: it may answer from a cache of names that another process has outdated while this one waited.
  const exists = `select 1 from pg_tables where schemaname = $1 and tablename = 'migrations'`
  if ((await queries.once(exists, [schema])).length === 0) return undefined
  return queries.once<[string, string]>(
    `select number, checksum from ${quoted(schema)}.migrations order by number`,
  )
}

function nextStep(schema: string, applied: Applied, steps: readonly Migration[]): Migration | undefined {
  for (const [number, sum] of applied) {
    const step = steps[Number(number) - 1]
    if (step === undefined) {
      const found = Number(applied.at(-1)?.[0])
      throw fault('DURE_STORE_NEWER', { schema, found, known: steps.length })
    }
    if (checksum(step) !== sum) {
      throw fault('DURE_STORE_MIGRATION_CHANGED', { schema, number: step.number, name: step.name })
    }
  }
  return steps[applied.length]
}

/** A schema made beforehand, by someone with more rights, is used if it is empty. */
async function createSchema(tx: Transaction, context: string, schema: string): Promise<void> {
  const tables = await tx.once<[string | null]>(
    `select c.relname from pg_namespace n left join pg_class c on c.relnamespace = n.oid where n.nspname = $1 limit 1`,
    [schema],
  )
  const [table] = tables
  if (table?.[0] != null) {
    throw fault('DURE_STORE_SCHEMA_TAKEN', { schema, context, found: `${table[0]}, which is not of Dure` })
  }
  if (table === undefined) await tx.once(`create schema ${quoted(schema)}`)
  await tx.once(`create table ${quoted(schema)}.migrations (
  number int primary key, name text not null, checksum text not null, applied_at timestamptz not null)`)
}
