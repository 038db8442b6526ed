import { isDureError } from '../../kernel/error.ts'
import { fault } from '../../kernel/errors/fault.ts'

const LOCK_TIMEOUT = '55P03'

interface DriverError {
  readonly code?: unknown
  readonly message?: unknown
}

/** Whether the database gave the transaction up in favour of another: doing it again can succeed at once. */
export function isContention(error: unknown): boolean {
  const sqlstate = codeOf(error)
  // serialization_failure, deadlock_detected
  return sqlstate === '40001' || sqlstate === '40P01'
}

/** Whether a row violates the uniqueness of a table whose name begins so. */
export function isDuplicate(error: unknown, table: string): boolean {
  const found = (error as { readonly table?: unknown }).table
  return codeOf(error) === '23505' && typeof found === 'string' && found.startsWith(table)
}

/** Whether a row found no partition of a table. */
export function isMissingPartition(error: unknown, table: string): boolean {
  return codeOf(error) === '23514' && (error as { readonly table?: unknown }).table === table
}

/**
 * Whether the server has refused a statement for what is in it, or for the lock it waited for: then nothing of it was done.
 * After other errors that is not known, or another statement would fare no better.
 */
export function isStatementRefused(error: unknown): boolean {
  const sqlstate = codeOf(error)
  // A connection that has lost its prepared statements is refused them again and again.
  if (sqlstate === undefined || !isSqlState(sqlstate) || isStatementLost(sqlstate)) return false
  return sqlstate === LOCK_TIMEOUT || !isPassing(sqlstate)
}

/** What an error of the driver or the server means to Dure, with the original as the cause. Bugs stay what they are. */
export function storeError(error: unknown, store: string, tries = 1): Error {
  if (isDureError(error) || error instanceof TypeError || error instanceof RangeError) return error
  const code = codeOf(error)
  const message = (error as DriverError | null)?.message
  const reason = typeof message === 'string' && message !== '' ? message : String(code ?? error)
  if (isContention(error)) return fault('DURE_STORE_CONTENDED', { store, tries, reason }, error)
  if (isUnstorable(code)) return fault('DURE_STORE_TEXT_INVALID', { what: 'commit', reason }, error)
  if (code?.startsWith('XX00')) return fault('DURE_STORE_CORRUPT', { store, reason }, error)
  if (isStatementLost(code)) {
    return fault('DURE_STORE_POOLER', { store, reason: `it lost a prepared statement (${reason})` }, error)
  }
  if (code !== undefined && isSqlState(code) && !isPassing(code)) {
    return fault('DURE_STORE_REFUSED', { store, sqlstate: code, reason }, error)
  }
  // What is no SQLSTATE is an errno of the socket, or a message of pg's own about a connection that is not there.
  return fault('DURE_STORE_UNAVAILABLE', { store, reason }, error)
}

/** A prepared statement is not there, or another of its name is. */
function isStatementLost(sqlstate: string | undefined): boolean {
  return sqlstate === '26000' || sqlstate === '42P05'
}

function codeOf(error: unknown): string | undefined {
  const code = (error as DriverError | null)?.code
  return typeof code === 'string' ? code : undefined
}

function isSqlState(code: string): boolean {
  // An errno (EPIPE, ENOENT) can have five letters too, but a SQLSTATE always has a digit.
  return /^[0-9A-Z]{5}$/.test(code) && /\d/.test(code)
}

/** Classes of SQLSTATE that say nothing about the statement: it may succeed later, or against another server. */
function isPassing(sqlstate: string): boolean {
  // connection, authorization, resources (disk, memory, connections), operator intervention, system (I/O)
  if (/^(?:08|28|53|57|58)/.test(sqlstate)) return true
  // no such database; lock_timeout; read-only or idle transaction: a standby, a fail-over, a stalled process
  return ['3D000', LOCK_TIMEOUT, '25006', '25P03', '25P04', '40003'].includes(sqlstate)
}

/** Checks of ours come first; what they let through and the server refuses is still the caller's text. */
function isUnstorable(sqlstate: string | undefined): boolean {
  return sqlstate === '22021' || sqlstate === '22P05' || (sqlstate?.startsWith('54') ?? false)
}
