import { fault } from '../../kernel/errors/fault.ts'
import type { MigrationStep } from '../../ports/migration.ts'
import { migrations } from './migrations/index.ts'
import { checksum, type Migration, sqlFor } from './migrations/migration.ts'
import { quoted, quotedText } from './schema-name.ts'
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
  onStep: (step: MigrationStep) => void = () => undefined,
): Promise<void> {
  const found = await readApplied(session, schema)
  if (found !== undefined && nextStep(schema, found, steps) === undefined) return
  const told = new Set<string>()
  const tellOnce = (step: MigrationStep): void => {
    if (told.has(step.what)) return
    told.add(step.what)
    onStep(step)
  }
  while (await session.transaction((tx) => applyNext(tx, context, schema, steps, tellOnce)));
}

/**
 * The steps that `migrate` would make. Changes nothing.
 * @throws DURE_STORE_NEWER, DURE_STORE_MIGRATION_CHANGED, DURE_STORE_SCHEMA_TAKEN
 */
export async function missingMigrations(
  queries: Queries,
  context: string,
  schema: string,
): Promise<MigrationStep[]> {
  let applied = await readApplied(queries, schema)
  const creation: MigrationStep[] = []
  if (applied === undefined) {
    const planned = await planSchema(queries, context, schema).catch((error: unknown) => error as Error)
    // Another process may have made it since; it is not there for others before it has its tables.
    if (planned instanceof Error) applied = await readApplied(queries, schema)
    if (planned instanceof Error && applied === undefined) throw planned
    if (!(planned instanceof Error)) creation.push(planned)
  }
  // Throws where those that were applied are not what they were, or too many.
  nextStep(schema, applied ?? [], migrations)
  return [...creation, ...migrations.slice(applied?.length ?? 0).map((it) => stepOf(it, schema))]
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
  onStep: (step: MigrationStep) => void,
): Promise<boolean> {
  await lockSchema(tx, schema)
  const found = await readApplied(tx, schema)
  if (found === undefined) {
    const creation = await planSchema(tx, context, schema)
    onStep(creation)
    await tx.once(creation.sql)
    return true
  }
  const next = nextStep(schema, found, steps)
  if (next === undefined) return false
  const step = stepOf(next, schema)
  onStep(step)
  await tx.once(step.sql)
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
async function planSchema(queries: Queries, context: string, schema: string): Promise<MigrationStep> {
  const tables = await queries.once<[string | null]>(
    `select c.relname from pg_namespace n left join pg_class c on c.relnamespace = n.oid where n.nspname = $1 limit 1`,
    [schema],
  )
  const [table] = tables
  if (table?.[0] != null) {
    throw fault('DURE_STORE_SCHEMA_TAKEN', { schema, context, found: `${table[0]}, which is not of Dure` })
  }
  const sql = `${table === undefined ? `create schema ${quoted(schema)};\n` : ''}create table ${quoted(schema)}.migrations (
  number int primary key, name text not null, checksum text not null, applied_at timestamptz not null)`
  return { kind: 'schema', what: `create schema ${schema}`, sql, destroys: false }
}

/** Its SQL writes down that it was made, so that somebody with more rights can run a plan by hand. */
function stepOf(it: Migration, schema: string): MigrationStep {
  const sql = `${sqlFor(it, schema)}
insert into ${quoted(schema)}.migrations (number, name, checksum, applied_at)
values (${it.number}, ${quotedText(it.name)}, '${checksum(it)}', now())`
  return { kind: 'schema', what: `migration ${it.number}: ${it.name}`, sql, destroys: false }
}
