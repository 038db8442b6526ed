import type { Json } from './json.ts'

/**
 * What a caller hands to a contract, as JSON would carry it: value objects as their fields, dates as ISO texts, bigints as
 * digits, bytes as base64. The receiving side reads it by the contract's shape.
 */
export function plainJson(input: unknown): Json {
  return JSON.parse(jsonText(input)) as Json
}

/** The same as a text. */
export function jsonText(input: unknown): string {
  return JSON.stringify(input, carried)
}

function carried(_: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString()
  if (value instanceof Uint8Array) return base64(value)
  return value
}

/** Bytes as RFC 4648 §4 writes them. */
export function base64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
}
