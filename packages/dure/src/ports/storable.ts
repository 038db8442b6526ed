import { fault } from '../kernel/errors/fault.ts'
import { SLICES } from '../kernel/slice.ts'
import type { Append, Commit, EventMeta, InboxMove, StoredReply } from './event-store.ts'
import type { KeptAggregate } from './state-store.ts'
import { checkParked } from './storable/parking.ts'
import { checkClaims, checkStateChange } from './storable/state.ts'
import { checkName, checkStream, checkText, jsonText, streamKey, utf8Length } from './storable/text.ts'
import type { RowQuery } from './view-store.ts'

export { checkAdoption, checkParkedFilter, checkTry } from './storable/parking.ts'
export { checkName, checkStream, checkText, jsonText, storableProse, streamKey } from './storable/text.ts'

// What every store accepts and refuses, so that all stores accept and refuse the same.

const MAX_CONTEXT_BYTES = 48

/**
 * Refuses a commit that no store can carry out. `kept` by the names of the aggregates: what the context was opened with;
 * without it, changes of rows are not held against their tables.
 * @throws DURE_COMMIT_INVALID, DURE_STORE_TEXT_INVALID, DURE_STATE_UNSTORABLE
 */
export function checkCommit(unit: Commit, kept?: ReadonlyMap<string, KeptAggregate>): void {
  const { meta, appends } = unit
  if (Number.isNaN(unit.at.getTime())) throw invalid('its time is not a date')
  checkMeta(meta)
  for (const append of appends) {
    checkAppend(append, kept)
    for (const event of append.events) {
      if (event.meta === undefined) continue
      if ((unit.inbox ?? unit.unparks) === undefined) {
        throw invalid('an event has a cause of its own, and no inbox is moved')
      }
      checkMeta(event.meta)
    }
  }
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

function checkMeta(meta: EventMeta): void {
  checkText('id of the command', meta.command)
  checkText('actor', meta.actor)
  checkText('correlation id', meta.correlation)
  if (meta.causation !== undefined) checkText('causation id', meta.causation)
  if (meta.traceparent !== undefined) checkText('trace context', meta.traceparent)
}

/** @throws DURE_ROW_QUERY_INVALID, DURE_STORE_TEXT_INVALID */
export function checkRowQuery(query: RowQuery): void {
  const { limit, offset = 0, where = {}, orderBy, after } = query
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000) {
    throw fault('DURE_ROW_QUERY_INVALID', { reason: `limit is ${limit}` })
  }
  if (!Number.isSafeInteger(offset) || offset < 0) {
    throw fault('DURE_ROW_QUERY_INVALID', { reason: `offset is ${offset}` })
  }
  jsonText('condition', where)
  if (orderBy !== undefined) checkText('field to order by', orderBy)
  if (after === undefined) return
  checkText('key to go on after', after)
  if (orderBy !== undefined) {
    throw fault('DURE_ROW_QUERY_INVALID', { reason: `after goes by key, and the order is by ${orderBy}` })
  }
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

function checkAppend(append: Append, kept: ReadonlyMap<string, KeptAggregate> | undefined): void {
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
  const { state, claims } = append
  if (state !== undefined) {
    if (append.ends !== (state.root === undefined))
      throw invalid('rows are removed exactly where a stream ends')
    checkStateChange(append.stream, state, kept)
  }
  if (claims !== undefined) {
    checkClaims(claims.drop)
    checkClaims(claims.take)
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
  if (move.place !== undefined) checkText('place', move.place)
}

function invalid(reason: string): Error {
  return fault('DURE_COMMIT_INVALID', { reason })
}
