import type { StreamState } from './stream.ts'

/** Where a reader stands in a stream. */
export interface Place {
  /** When the stream was made: a stream that was made again has other messages under the same numbers. */
  readonly created: bigint
  /** Of the last message read; 0 before the first. */
  readonly seq: number
  /** When that message was stored: a server that lost its last messages uses their numbers again. */
  readonly time: bigint
}

export const nowhere: Place = { created: 0n, seq: 0, time: 0n }

export function placeText({ created, seq, time }: Place): string {
  return `${created.toString(36)}-${seq.toString(36)}-${time.toString(36)}`
}

/** `nowhere` for a text that is no place. */
export function placeOf(text: string): Place {
  const [, created, seq, time] = /^([0-9a-z]{1,13})-([0-9a-z]{1,11})-([0-9a-z]{1,13})$/.exec(text) ?? []
  if (created === undefined || seq === undefined || time === undefined) return nowhere
  const number = Number.parseInt(seq, 36)
  if (!Number.isSafeInteger(number)) return nowhere
  return { created: bigOf(created), seq: number, time: bigOf(time) }
}

/** The end of a stream as it stands. */
export function endOf({ created, lastSeq, lastTime }: StreamState): Place {
  return { created, seq: lastSeq, time: lastTime }
}

/** ns since 1970 of an RFC 3339 time with up to nine digits of a second; 0 for any other text. */
export function nanos(text: string): bigint {
  const [, seconds, fraction = '', zone] = /^([^.]*:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/.exec(text) ?? []
  const ms = Date.parse(`${seconds}${zone}`)
  if (Number.isNaN(ms)) return 0n
  return BigInt(ms) * 1_000_000n + BigInt(fraction.padEnd(9, '0'))
}

function bigOf(text: string): bigint {
  let value = 0n
  for (const digit of text) value = value * 36n + BigInt(Number.parseInt(digit, 36))
  return value
}
