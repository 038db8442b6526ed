const usual = /^\d{4}-/

/** An ISO text as PostgreSQL reads it whatever the session's settings: it has no year 0 and no sign before a year. */
export function toTimestamp(iso: string): string {
  if (usual.test(iso) && !iso.startsWith('0000')) return iso
  const end = iso.indexOf('-', 1)
  const year = Number(iso.slice(0, end))
  const rest = iso.slice(end, -1)
  if (year > 0) return `${year}${rest}+00`
  return `${String(1 - year).padStart(4, '0')}${rest}+00 BC`
}

/** From milliseconds since 1970; undefined for one that no Date holds, such as `infinity`. */
export function fromMilliseconds(value: number): string | undefined {
  const date = new Date(Math.floor(value))
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString()
}

/** The milliseconds of an instant that a precision of so many digits would round away. */
export function losesMilliseconds(iso: string, digits: number): boolean {
  return digits < 3 && Date.parse(iso) % 10 ** (3 - digits) !== 0
}
