import { isUtf8 } from 'node:buffer'
import { fault } from '../kernel/errors/fault.ts'

const MAX_DEPTH = 64
const QUOTE = 0x22
const BACKSLASH = 0x5c

/**
 * The value of a JSON text.
 * @throws DURE_HTTP_BODY where it is no JSON in UTF-8, nested too deep, or holds a key that could change a prototype
 */
export function parseJsonBody(body: Buffer): unknown {
  if (body.length === 0) throw fault('DURE_HTTP_BODY', { reason: 'it is empty' })
  if (!isUtf8(body)) throw fault('DURE_HTTP_BODY', { reason: 'it is not UTF-8' })
  if (deeperThan(body, MAX_DEPTH)) {
    throw fault('DURE_HTTP_BODY', { reason: `it is nested more than ${MAX_DEPTH} levels deep` })
  }
  const text = body.toString()
  const value = parse(text)
  // Only a text with one of these can hold such a key; \u might spell it.
  if (text.includes('__proto__') || text.includes('constructor') || text.includes('\\u')) refusePoison(value)
  return value
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    // V8 quotes the text around the mistake: the sender wrote it, so it may have it back, shortened.
    throw fault('DURE_HTTP_BODY', { reason: `it is not JSON: ${(error as Error).message.slice(0, 200)}` })
  }
}

// Looked at before parsing, byte by byte: whatever walks the value later may then recurse.
function deeperThan(body: Buffer, limit: number): boolean {
  let depth = 0
  for (let i = 0; i < body.length; i++) {
    const byte = body[i] as number
    if (byte === QUOTE) {
      for (i++; i < body.length && body[i] !== QUOTE; i++) if (body[i] === BACKSLASH) i++
    } else if (byte === 0x5b || byte === 0x7b) {
      if (++depth > limit) return true
    } else if (byte === 0x5d || byte === 0x7d) depth--
  }
  return false
}

// JSON.parse itself is safe; but schema libraries of users copy objects key by key.
function refusePoison(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  for (const [key, it] of Object.entries(value)) {
    const inner = typeof it === 'object' && it !== null
    if (key === '__proto__' || (key === 'constructor' && inner && Object.hasOwn(it, 'prototype'))) {
      throw fault('DURE_HTTP_BODY', { reason: `a field must not be named ${key}` })
    }
    refusePoison(it)
  }
}
