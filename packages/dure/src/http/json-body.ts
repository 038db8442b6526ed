import { isUtf8 } from 'node:buffer'
import { fault } from '../kernel/errors/fault.ts'

const MAX_DEPTH = 64
const QUOTE = 0x22
const BACKSLASH = 0x5c
const BRACKETS = ['{', '[']

/**
 * The value of a JSON text.
 * @throws DURE_HTTP_BODY where it is no JSON in UTF-8, nested too deep, or holds a key that could change a prototype
 */
export function parseJsonBody(body: Buffer): unknown {
  if (body.length === 0) throw fault('DURE_HTTP_BODY', { reason: 'it is empty' })
  if (!isUtf8(body)) throw fault('DURE_HTTP_BODY', { reason: 'it is not UTF-8' })
  const text = body.toString()
  if (mayBeDeep(text) && isDeep(text)) {
    throw fault('DURE_HTTP_BODY', { reason: `it is nested more than ${MAX_DEPTH} levels deep` })
  }
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

// Counting is five times as fast as looking, and few bodies hold this many objects and lists at all.
function mayBeDeep(text: string): boolean {
  let opened = 0
  for (const bracket of BRACKETS) {
    for (let i = text.indexOf(bracket); i >= 0; i = text.indexOf(bracket, i + 1)) {
      if (++opened > MAX_DEPTH) return true
    }
  }
  return false
}

// Looked at before parsing, character by character: whatever walks the value later may then recurse.
function isDeep(text: string): boolean {
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === QUOTE) {
      for (i++; i < text.length && text.charCodeAt(i) !== QUOTE; i++)
        if (text.charCodeAt(i) === BACKSLASH) i++
    } else if (code === 0x5b || code === 0x7b) {
      if (++depth > MAX_DEPTH) return true
    } else if (code === 0x5d || code === 0x7d) depth--
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
