import type { Issue } from '../../kernel/error.ts'
import type { Json } from '../../kernel/json.ts'
import { dureField, type DureField } from './dure-field.ts'

function converted<I, O>(
  kind: 'instant' | 'bigInt' | 'bytes',
  expected: string,
  read: (value: unknown) => O | undefined,
  write: (value: O) => string,
): DureField<I, O> {
  return dureField<I, O>({
    describe: () => ({ kind }),
    mayBeAbsent: false,
    parse(value: unknown, issues: Issue[]) {
      const out = read(value)
      if (out === undefined) issues.push({ path: '', message: `expected ${expected}` })
      return out
    },
    encode: (value): Json => write(value as O),
    decode: (json) => read(json),
  })
}

const isoInstant = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/

/** A point in time: a `Date`, in JSON an ISO 8601 text with its offset. To the millisecond. */
export function instant(): DureField<Date | string, Date> {
  return converted(
    'instant',
    'a point in time such as 2026-01-31T09:00:00Z',
    (value) => {
      if (typeof value === 'string' && !isoInstant.test(value)) return undefined
      if (typeof value !== 'string' && !(value instanceof Date)) return undefined
      const date = new Date(value)
      return Number.isNaN(date.getTime()) ? undefined : date
    },
    (value) => value.toISOString(),
  )
}

/** A whole number of any size: a `bigint`, in JSON a text of decimal digits. */
export function bigInt(): DureField<bigint | string, bigint> {
  return converted(
    'bigInt',
    'a whole number as a text of digits',
    (value) => {
      if (typeof value === 'bigint') return value
      return typeof value === 'string' && /^-?\d{1,1000}$/.test(value) ? BigInt(value) : undefined
    },
    String,
  )
}

/** Bytes: a `Uint8Array`, in JSON base64 (RFC 4648 §4). */
export function bytes(): DureField<Uint8Array | string, Uint8Array> {
  return converted<Uint8Array | string, Uint8Array>(
    'bytes',
    'base64',
    (value) => {
      if (value instanceof Uint8Array) return value
      const text = /^[A-Za-z0-9+/]*={0,2}$/
      if (typeof value !== 'string' || value.length % 4 !== 0 || !text.test(value)) return undefined
      return Uint8Array.from(atob(value), (char) => char.charCodeAt(0))
    },
    (value) => btoa(Array.from(value, (byte) => String.fromCharCode(byte)).join('')),
  )
}
