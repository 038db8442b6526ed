import type { Json } from '../../kernel/json.ts'
import type { Cell, ColumnKind } from '../../ports/state-store.ts'

// Cells are as codecs encode values, so on the way in and out they are only checked; JSON alone is written and parsed.

const isText = (it: unknown): boolean => typeof it === 'string'

const isNumber = (it: unknown): boolean => Number.isFinite(it)

const isWhole = (it: unknown): boolean => Number.isSafeInteger(it)

const isBoolean = (it: unknown): boolean => typeof it === 'boolean'

const digits = /^-?\d+$/
const iso = /^(?:\d{4}|[+-]\d{6})-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/
const base64 = /^[A-Za-z0-9+/]*={0,2}$/

/** What a value of a kind looks like, besides what its text must match. */
const looks: Readonly<Record<ColumnKind, (it: unknown) => boolean>> = {
  text: isText,
  integer: isWhole,
  number: isNumber,
  boolean: isBoolean,
  bigInt: (it) => typeof it === 'string' && digits.test(it),
  instant: (it) => typeof it === 'string' && iso.test(it),
  bytes: (it) => typeof it === 'string' && base64.test(it),
  json: () => true,
}

/** A kind as a sentence has it. */
export const nouns: Readonly<Record<ColumnKind, string>> = {
  text: 'a text',
  integer: 'a whole number that a number holds exactly',
  number: 'a number',
  boolean: 'true or false',
  bigInt: 'a whole number',
  instant: 'a point in time',
  bytes: 'bytes',
  json: 'JSON',
}

/** The check of the values of a kind. */
export function looksLike(kind: ColumnKind): (value: unknown) => boolean {
  return looks[kind]
}

/** An instant before 4713-01-01 BC; no JavaScript date is later than PostgreSQL's last day in 294276. */
export function tooEarly(instant: string): boolean {
  // `-004713-…`: ISO 8601 counts 1 BC as year 0.
  return instant.charCodeAt(0) === 45 && instant.slice(1, 7) > '004712'
}

/** A key as text, which it is in every table. */
export function keyCell(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** The way back from the text of a key; undefined for a text that is no such key. */
export function keyReader(kind: ColumnKind): (cell: Cell | undefined) => Json | undefined {
  if (kind === 'integer' || kind === 'number') {
    const fits = looks[kind]
    return (cell) => {
      const value = typeof cell === 'string' && cell !== '' ? Number(cell) : undefined
      return fits(value) ? value : undefined
    }
  }
  if (kind === 'boolean') return (cell) => (cell === 'true' ? true : cell === 'false' ? false : undefined)
  const fits = looks[kind]
  return (cell) => (typeof cell === 'string' && fits(cell) ? cell : undefined)
}
