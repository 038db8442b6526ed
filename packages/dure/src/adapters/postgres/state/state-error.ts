import { isDureError } from '../../../kernel/error.ts'
import type { StreamId } from '../../../ports/event-store.ts'
import { isDuplicate, isMissingPartition } from '../store-error.ts'
import { unstorable } from './row-values.ts'

/** What a statement that is refused by a claim or a row fails with: a text that is no number. */
export const REFUSED = 'dure refuses: '

/** Why a statement that fails on refusal has failed. */
export function refusalOf(error: unknown): 'unique' | 'row' | undefined {
  const { code, message } = error as { code?: unknown; message?: unknown }
  if (code !== '22P02' || typeof message !== 'string') return undefined
  return (['unique', 'row'] as const).find((it) => message.includes(REFUSED + it))
}

/**
 * Does what writes the rows of a stream.
 * @throws DURE_STATE_UNSTORABLE where a value does not fit its column or breaks a rule of the table
 */
export async function whileStored<T>(stream: StreamId, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw isOfState(error) ? unstorable(stream, messageOf(error), error) : error
  }
}

/** Data exceptions (22) and broken rules (23), but for what other tables and statements tell in that way. */
function isOfState(error: unknown): boolean {
  if (isDureError(error) || refusalOf(error) !== undefined) return false
  const { code } = error as { code?: unknown }
  if (typeof code !== 'string' || !/^2[23][0-9A-Z]{3}$/.test(code)) return false
  // Texts that no column holds have an error of their own.
  if (code === '22021' || code === '22P05') return false
  return !isDuplicate(error, 'replies_') && !isMissingPartition(error, 'events')
}

function messageOf(error: unknown): string {
  const { message } = error as { message?: unknown }
  return typeof message === 'string' ? message : String(error)
}
