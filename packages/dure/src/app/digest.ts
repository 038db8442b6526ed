import { hash } from 'node:crypto'
import { canonicalJson, type Json } from '../kernel/json.ts'

/** A stable digest of JSON values: equal values, equal digests. */
export function digest(...values: readonly Json[]): string {
  return hash('sha256', canonicalJson(values), 'base64url')
}

/** A UUID (version 8, RFC 9562) that follows from the values: the same values, the same id. */
export function derivedId(...values: readonly Json[]): string {
  const hex = hash('sha256', canonicalJson(values), 'hex')
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16)
  const [low, mid, high] = [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`]
  return `${low}-${mid}-${high}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
