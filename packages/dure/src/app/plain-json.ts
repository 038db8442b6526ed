import type { Json } from '../kernel/json.ts'

/**
 * What a caller hands to a contract, as JSON would carry it: value objects as their fields, dates as ISO texts, bigints as
 * digits, bytes as base64. The receiving side reads it by the contract's shape.
 */
export function plainJson(input: unknown): Json {
  return JSON.parse(JSON.stringify(input, carried)) as Json
}

function carried(_: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString()
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  return value
}
