import { isDureError } from '../../kernel/error.ts'
import { fault } from '../../kernel/errors/fault.ts'
import { reasonOf } from '../consuming/reason.ts'
import type { Failure } from './rows.ts'

/** An item that could not be handled; nothing of its page is stored. */
export class ItemFailure {
  readonly item: string
  readonly why: unknown
  constructor(item: string, why: unknown) {
    this.item = item
    this.why = why
  }
}

/** The work is not to go on here: somebody else has written the row. */
export class Overtaken extends Error {
  override readonly name = 'Overtaken'
}

/** What is stored and told of an error that a job or poller met. */
export function failureOf(job: string, error: unknown): Failure {
  if (error instanceof ItemFailure) return { ...failureOf(job, error.why), item: error.item }
  if (isDureError(error)) return { code: error.code, reason: error.message }
  const { code, message } = fault('DURE_JOB_FAILED', { job, reason: reasonOf(error) })
  return { code, reason: message }
}

const second = 1000
const pauses: readonly number[] = [1, 5, 30, 120, 600].map((it) => it * second)

/** The longest pause between two tries. */
export const longestPauseMs = 600 * second

/** How long is waited after so many failures, one after the other; a tenth more or less, by chance. */
export function pauseMs(tries: number, random: number): number {
  const pause = pauses[Math.min(tries, pauses.length) - 1] ?? longestPauseMs
  return Math.round(Math.min(longestPauseMs, pause * (0.9 + random * 0.2)))
}
