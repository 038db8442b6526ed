import { isHeld, nextTry } from '../../engine/consuming/next-try.ts'
import type { ParkedRecord } from '../../ports/parking.ts'
import type { Paint } from '../paint.ts'
import type { Found } from './chosen.ts'

/** A sequence as JSON. */
export function sequenceJson({ context, first, count }: Found): Readonly<Record<string, unknown>> {
  const { consumer, source, stream } = first
  return { context, consumer, source, ...stream, count, ...recordJson(first) }
}

/** What is known of one message, but for where it belongs. */
export function recordJson(it: ParkedRecord): Readonly<Record<string, unknown>> {
  const { position, code, reason, tries, at, triedAt, heldUntil, retry } = it
  return { position, code, reason, tries, at, triedAt, heldUntil, retry, nextTry: nextTry(it) }
}

/** `Shop policy:reserve stock, of Ordering`. */
export function consumerText({ context, first: { consumer, source } }: Found, paint: Paint): string {
  return `${context} ${paint('bold', consumer)}${paint('gray', `, events of ${source}`)}`
}

/** `Order/0198…  3 events since …, tried twice, …`. */
export function sequenceText({ first, count }: Found, now: Date, paint: Paint): string {
  const { stream, at, code, reason } = first
  const events = count === 1 ? '1 event' : `${count} events`
  const held = isHeld(first, now)
  const why = `${paint(held ? 'yellow' : 'red', code)} ${reason}`
  const when = paint('gray', `since ${at.toISOString()}; ${triesText(first, now)}`)
  return `  ${streamText(stream, paint)}  ${events} ${when}\n    ${why}\n`
}

function streamText({ tenant, aggregate, id }: ParkedRecord['stream'], paint: Paint): string {
  return `${paint('bold', `${aggregate}/${id}`)}${tenant === '' ? '' : paint('gray', ` of ${tenant}`)}`
}

/** How often it was tried, and when it will be. */
function triesText(first: ParkedRecord, now: Date): string {
  const { tries, retry, heldUntil } = first
  const tried = tries === 1 ? 'tried once' : `tried ${tries} times`
  if (retry) return `${tried}, to be tried now`
  if (heldUntil !== undefined && isHeld(first, now)) {
    return `held until ${heldUntil.toISOString()} for a release that knows it`
  }
  const next = nextTry(first)
  if (next === undefined) return `${tried}, not again before a start or dure parked retry`
  return `${tried}, ${next <= now ? 'to be tried now' : `again at ${next.toISOString()}`}`
}
