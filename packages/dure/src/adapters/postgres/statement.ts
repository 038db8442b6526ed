import { createHash } from 'node:crypto'
import type { PgQuery } from './pg-pool.ts'

/** A row as the server sent it, in its text form. */
export type Row = readonly (string | null)[]

/** A statement that each connection parses and plans once. `R` is the shape of its rows. */
export interface Statement<R extends Row = Row> {
  readonly name: string
  readonly text: string
  /** Only for the compiler. */
  readonly row?: R
}

/** The name follows from the text, so that two texts never meet under one name, whatever else the connection serves. */
export function statement<R extends Row>(text: string): Statement<R> {
  const name = `dure_${createHash('sha256').update(text).digest('hex').slice(0, 24)}`
  return { name, text }
}

// Values come as text and are parsed where they are used: what the application registers with pg for its own queries
// (bigint, dates) must not change what Dure reads.
const asText = (text: string): string => text
const types: NonNullable<PgQuery['types']> = { getTypeParser: () => asText }

/** The query that runs a prepared statement. */
export function execution(it: Statement, values: unknown[]): PgQuery {
  return { name: it.name, text: it.text, values, rowMode: 'array', types }
}

/** A query that is run once or rarely; without values it may hold several statements. */
export function oneOff(text: string, values?: unknown[]): PgQuery {
  return values === undefined ? { text, rowMode: 'array', types } : { text, values, rowMode: 'array', types }
}
