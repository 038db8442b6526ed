import type { Issue } from '../../kernel/error.ts'
import type { Json } from '../../kernel/json.ts'
import { base64 } from '../../kernel/plain-json.ts'
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

const isoInstant =
  /^(?<year>\d{4}|[+-]\d{6})-(?<month>\d\d)-(?<day>\d\d)T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/

/** Whether a text is an instant on a day that exists: `Date` takes February 30 for March 2. */
function isInstant(text: string): boolean {
  const { year, month, day } = isoInstant.exec(text)?.groups ?? {}
  if (Number(day) <= 28) return true
  // Leap years repeat every 400 years; the 0th of the next month is the last day of this one.
  return Number(day) <= new Date(Date.UTC(2000 + (Number(year) % 400), Number(month), 0)).getUTCDate()
}

// As many digits as a text may have to be read again.
const tooBig = 10n ** 1000n

/** A point in time: a `Date`, in JSON an ISO 8601 text with its offset. To the millisecond. */
export function instant(): DureField<Date | string, Date> {
  return converted(
    'instant',
    'a point in time such as 2026-01-31T09:00:00Z',
    (value) => {
      if (typeof value === 'string' && !isInstant(value)) return undefined
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
      if (typeof value === 'bigint') return value < tooBig && value > -tooBig ? value : undefined
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
      // A copy, and never a Buffer, so that it stays as it is and equals what comes back from the store.
      if (value instanceof Uint8Array) return new Uint8Array(value)
      const text = /^[A-Za-z0-9+/]*={0,2}$/
      if (typeof value !== 'string' || value.length % 4 !== 0 || !text.test(value)) return undefined
      return Uint8Array.from(atob(value), (char) => char.charCodeAt(0))
    },
    base64,
  )
}
