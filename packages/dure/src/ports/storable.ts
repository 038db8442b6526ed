import type { Json } from '../kernel/json.ts'
import { fault } from '../kernel/errors/fault.ts'
import { SLICES } from '../kernel/slice.ts'
import type { Append, Commit, InboxMove, ParkedMessage, StoredReply, StreamId } from './event-store.ts'
import type { RowQuery } from './view-store.ts'

// What every store accepts and refuses, so that all stores accept and refuse the same.

const MAX_NAME_BYTES = 512
const MAX_CONTEXT_BYTES = 48

// With the u flag \p{Cs} matches a surrogate only when its other half is missing.
const unstorable = /[\u0000\p{Cs}]/u
const unstorableEach = /[\u0000\p{Cs}]/gu

/**
 * Refuses a text that PostgreSQL cannot hold: U+0000 or half a surrogate pair.
 * @throws DURE_STORE_TEXT_INVALID
 */
export function checkText(what: string, text: string): void {
  if (!unstorable.test(text)) return
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
  if (text.includes('\\u') && unstorableEscape.test(text)) {
    throw fault('DURE_STORE_TEXT_INVALID', {
      what,
      reason: 'a text in it holds U+0000 or half a surrogate pair',
    })
  }
  return text
}

/**
 * Refuses a commit that no store can carry out.
 * @throws DURE_COMMIT_INVALID, DURE_STORE_TEXT_INVALID
 */
export function checkCommit(unit: Commit): void {
  const { meta, appends } = unit
  if (Number.isNaN(unit.at.getTime())) throw invalid('its time is not a date')
  checkText('id of the command', meta.command)
  checkText('actor', meta.actor)
  checkText('correlation id', meta.correlation)
  if (meta.causation !== undefined) checkText('causation id', meta.causation)
  if (meta.traceparent !== undefined) checkText('trace context', meta.traceparent)
  for (const append of appends) checkAppend(append)
  if (appends.length > 1) {
    const streams = new Set(appends.map((it) => streamKey(it.stream)))
    if (streams.size < appends.length) throw invalid('a stream has more than one append')
  }
  if (unit.reply !== undefined) checkReply(unit.reply)
  if (unit.inbox !== undefined) checkMove(unit.inbox)
  if (unit.turn !== undefined) checkMove(unit.turn)
  for (const row of unit.rows ?? []) {
    checkName('name of the view', row.view)
    checkName('key of the row', row.key)
  }
  for (const parked of unit.parks ?? []) checkParked(parked)
  for (const { consumer, source } of unit.unparks ?? []) {
    checkName('name of the consumer', consumer)
    checkName('name of the source', source)
  }
}

/** One text per stream; unambiguous, because no name holds U+0000. */
export function streamKey(stream: StreamId): string {
  return `${stream.tenant}\0${stream.aggregate}\0${stream.id}`
}

/** @throws DURE_ROW_QUERY_INVALID, DURE_STORE_TEXT_INVALID */
export function checkRowQuery(query: RowQuery): void {
  const { limit, offset = 0, where = {}, orderBy } = query
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000) {
    throw fault('DURE_ROW_QUERY_INVALID', { reason: `limit is ${limit}` })
  }
  if (!Number.isSafeInteger(offset) || offset < 0) {
    throw fault('DURE_ROW_QUERY_INVALID', { reason: `offset is ${offset}` })
  }
  jsonText('condition', where)
  if (orderBy !== undefined) checkText('field to order by', orderBy)
}

/**
 * Refuses a name of a context that cannot become the name of a schema.
 * @throws DURE_STORE_CONTEXT_INVALID
 */
export function checkContextName(context: string): void {
  if (!/^\p{L}[\p{L}\p{N}_-]*$/u.test(context)) {
    const reason = 'it must be a letter, then letters, digits, _ or -'
    throw fault('DURE_STORE_CONTEXT_INVALID', { context, reason })
  }
  if (utf8Length(context) > MAX_CONTEXT_BYTES) {
    const reason = `it is longer than ${MAX_CONTEXT_BYTES} bytes`
    throw fault('DURE_STORE_CONTEXT_INVALID', { context, reason })
  }
}

function checkAppend(append: Append): void {
  checkStream(append.stream)
  if (!Number.isSafeInteger(append.expected) || append.expected < 0) {
    throw invalid(`an expected version is ${append.expected}`)
  }
  if (append.events.length === 0) throw invalid('an append has no event')
  for (const event of append.events) {
    checkText('type of the event', event.type)
    if (!Number.isSafeInteger(event.schema) || event.schema < 1) {
      throw invalid(`the schema of an event is ${event.schema}`)
    }
  }
}

function checkReply(reply: StoredReply): void {
  checkName('tenant', reply.tenant)
  checkName('idempotency key', reply.key)
  checkText('hash of the request', reply.request)
}

function checkMove(move: InboxMove): void {
  checkName('name of the consumer', move.consumer)
  checkName('name of the source', move.source)
  checkText('epoch', move.epoch)
  const seen = new Set<number>()
  for (const { slice, from, to } of move.slices) {
    if (!Number.isInteger(slice) || slice < 0 || slice >= SLICES) throw invalid(`a slice is ${slice}`)
    if (!(from >= 0 && to >= from && Number.isSafeInteger(from) && Number.isSafeInteger(to))) {
      throw invalid(`a watermark moves from ${from} to ${to}`)
    }
    if (seen.has(slice)) throw invalid(`slice ${slice} moves twice`)
    seen.add(slice)
  }
  if (!Number.isSafeInteger(move.through) || move.through < 0) throw invalid(`through is ${move.through}`)
}

function checkParked(parked: ParkedMessage): void {
  checkName('name of the consumer', parked.consumer)
  checkName('name of the source', parked.source)
  checkStream(parked.stream)
  checkText('code of the parked message', parked.code)
}

function invalid(reason: string): Error {
  return fault('DURE_COMMIT_INVALID', { reason })
}

function utf8Length(text: string): number {
  let length = 0
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0
    length += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
  }
  return length
}
