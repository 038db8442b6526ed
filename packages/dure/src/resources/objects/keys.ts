import { fault } from '../../kernel/errors/fault.ts'

const LONGEST = 1024

/**
 * Lets the key of an object pass: names with slashes between, 1,024 bytes at most. Neither empty names nor `.` and `..`,
 * which URLs and some servers take for something else.
 */
export function checkKey(resource: string, key: string): string {
  const names = typeof key === 'string' ? key.split('/') : ['']
  const fits = names.every(
    (it) => it !== '' && it !== '.' && it !== '..' && it.isWellFormed() && !it.includes('\0'),
  )
  if (fits && Buffer.byteLength(key) <= LONGEST) return key
  throw fault('DURE_RESOURCE_INPUT', {
    resource,
    reason: `a key is names with / between, none of them empty, . or .., of ${LONGEST} bytes at most`,
  })
}

/** In order of their UTF-8 bytes, as S3 lists them. */
export function inByteOrder(keys: readonly string[]): readonly string[] {
  return keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
}

/** Milliseconds that a URL may live. */
export function checkExpiry(resource: string, expiresMs = 900_000): number {
  if (Number.isFinite(expiresMs) && expiresMs >= 1000 && expiresMs <= 604_800_000) return expiresMs
  const reason = `expiresMs is ${expiresMs}, not 1,000 to 604,800,000`
  throw fault('DURE_RESOURCE_INPUT', { resource, reason })
}
