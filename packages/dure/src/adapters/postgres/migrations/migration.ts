import { createHash } from 'node:crypto'
import { quoted } from '../schema-name.ts'

/** One step of a schema. Frozen once released: a change is a new migration. */
export interface Migration {
  /** 1, 2, 3… without gap. */
  readonly number: number
  readonly name: string
  /** Statements, with `{schema}` for the quoted name of the schema. */
  readonly sql: string
}

export function sqlFor(migration: Migration, schema: string): string {
  return migration.sql.replaceAll('{schema}', () => quoted(schema))
}

/** Tells a migration that was changed after it had been applied; the same for every schema. */
export function checksum(migration: Migration): string {
  return createHash('sha256').update(migration.sql).digest('hex')
}
