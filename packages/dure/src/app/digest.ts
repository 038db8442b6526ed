import { createHash } from 'node:crypto'
import { canonicalJson, type Json } from '../kernel/json.ts'

/** A stable digest of JSON values: equal values, equal digests. */
export function digest(...values: readonly Json[]): string {
  return createHash('sha256').update(canonicalJson(values)).digest('base64url')
}

/** A UUID (version 8, RFC 9562) that follows from the values: the same values, the same id. */
export function derivedId(...values: readonly Json[]): string {
  const hash = createHash('sha256').update(canonicalJson(values)).digest()
  hash[6] = ((hash[6] as number) & 0x0f) | 0x80
  hash[8] = ((hash[8] as number) & 0x3f) | 0x80
  const hex = hash.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-')
}
