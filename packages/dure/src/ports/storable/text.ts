import { fault } from '../../kernel/errors/fault.ts'
import type { Json } from '../../kernel/json.ts'
import type { StreamId } from '../event-store.ts'

// Texts and names that every store can hold.

const MAX_NAME_BYTES = 512

// With the u flag \p{Cs} matches a surrogate only when its other half is missing.
const unstorableEach = /[\u0000\p{Cs}]/gu

/**
 * Refuses a text that PostgreSQL cannot hold: U+0000 or half a surrogate pair.
 * @throws DURE_STORE_TEXT_INVALID
 */
export function checkText(what: string, text: string): void {
  if (text.isWellFormed() && !text.includes('\u0000')) return
  throw fault('DURE_STORE_TEXT_INVALID', { what, reason: 'it holds U+0000 or half a surrogate pair' })
}

/** For prose that must not fail to be stored, such as the reason of a parked message. */
export function storableProse(text: string): string {
  return text.replaceAll(unstorableEach, '\ufffd')
}

/**
 * Refuses a name (tenant, id, key, consumer…) that is no storable text or has more than 512 bytes in UTF-8: the most
 * that an index over five names can hold.
 * @throws DURE_STORE_TEXT_INVALID
 */
export function checkName(what: string, text: string): void {
  checkText(what, text)
  if (text.length * 3 > MAX_NAME_BYTES && utf8Length(text) > MAX_NAME_BYTES) {
    throw fault('DURE_STORE_TEXT_INVALID', { what, reason: `it is longer than ${MAX_NAME_BYTES} bytes` })
  }
}

/** @throws DURE_STORE_TEXT_INVALID */
export function checkStream(stream: StreamId): void {
  checkName('tenant', stream.tenant)
  checkName('name of the aggregate', stream.aggregate)
  checkName('id of the aggregate', stream.id)
}

/** A JSON text says `\u0000` and `\ud800` for what it must not hold; an even number of backslashes before is a text. */
const unstorableEscape = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/

/**
 * The JSON text of a value.
 * @throws DURE_STORE_TEXT_INVALID if a text or key in it cannot be stored
 */
export function jsonText(what: string, value: Json): string {
  const text = JSON.stringify(value)
  checkJsonText(what, text)
  return text
}

/** @throws DURE_STORE_TEXT_INVALID if a text or key in a JSON text cannot be stored */
export function checkJsonText(what: string, text: string): void {
  if (!text.includes('\\u') || !unstorableEscape.test(text)) return
  throw fault('DURE_STORE_TEXT_INVALID', {
    what,
    reason: 'a text in it holds U+0000 or half a surrogate pair',
  })
}

/** One text per stream; unambiguous, because no name holds U+0000. */
export function streamKey(stream: StreamId): string {
  return `${stream.tenant}\0${stream.aggregate}\0${stream.id}`
}

/** Bytes of a text in UTF-8. */
export function utf8Length(text: string): number {
  let length = 0
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0
    length += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
  }
  return length
}
