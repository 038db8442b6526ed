import { quoted } from '../schema-name.ts'
import type { Row } from '../statement.ts'

/** Runs a statement on one connection. */
export interface Queries {
  once<R extends Row>(text: string, values?: unknown[]): Promise<readonly R[]>
}

/** What a server says of one context, all at one moment. */
export interface Observed {
  /** Of where the log is now; see `sameOrigin`. */
  readonly origin: string
  /** Last position drawn. */
  readonly last: number
  /** Its epoch, as it is written in its own tables. */
  readonly epoch: string
  /** Of where the log was when the epoch began. */
  readonly began: string
}

/** The server follows another one: it has no origin of its own until it takes over, on the connections it has by then. */
export const STANDBY = 'standby'

/**
 * What changes when positions may have been reused: the cluster and its timeline (a fail-over or a recovery to a point
 * in time begins a new one), the database and the table itself (a dump restored makes new ones). A copy of a data
 * folder put back by hand has the same: only who remembers the log notices. `hidden`: without cluster and timeline,
 * because some hosted servers keep the functions for them to themselves.
 */
function originSql(schema: string, hidden: boolean): string {
  const place = `(select oid from pg_database where datname = current_database()) || '/' ||
  '${quoted(schema)}.events'::regclass::oid`
  const cluster = `(select system_identifier from pg_control_system()) || '/' ||
  left(pg_walfile_name(pg_current_wal_insert_lsn()), 8)`
  return `case when pg_is_in_recovery() then '${STANDBY}' else ${hidden ? `'hidden'` : cluster} || '/' || ${place} end`
}

/** Rows of schema, origin, last position, epoch and the origin it began at; none for a log that has not begun. */
export function observeSql(schemas: readonly string[], hidden: boolean): string {
  const each = schemas.map((it, i) => {
    const s = quoted(it)
    return `select ${i}, ${originSql(it, hidden)},
  (select case when is_called then last_value else 0 end from ${s}.events_position), epoch::text, origin from ${s}.meta`
  })
  return each.join('\nunion all\n')
}

type ObservedRow = readonly [schema: string, origin: string, last: string, epoch: string, began: string]

export async function observe(
  queries: Queries,
  schemas: readonly string[],
  hidden: boolean,
): Promise<(Observed | undefined)[]> {
  const found: (Observed | undefined)[] = schemas.map(() => undefined)
  for (const row of await queries.once<ObservedRow>(observeSql(schemas, hidden))) {
    const [index, origin, last, epoch, began] = row
    found[Number(index)] = { origin, last: Number(last), epoch, began }
  }
  return found
}

/** Where one of two tells less, they are held against each other by what both tell. */
export function sameOrigin(a: string, b: string): boolean {
  const hidden = a.startsWith('hidden/') || b.startsWith('hidden/')
  return hidden ? place(a) === place(b) : a === b
}

function place(origin: string): string {
  return origin.split('/').slice(-2).join('/')
}

/** Whether a server keeps to itself what was asked. */
export function isHidden(error: unknown): boolean {
  return ['42501', '0A000', '42883'].includes(String((error as { code?: unknown }).code))
}

/** Whether a schema or a table is not there (any more). */
export function isGone(error: unknown): boolean {
  return ['3F000', '42P01'].includes(String((error as { code?: unknown }).code))
}
