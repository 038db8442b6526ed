import { fault } from '../../kernel/errors/fault.ts'
import type { EpochAdoption } from '../inbox.ts'
import type { ParkedFilter, ParkedMessage, ParkedPlace, ParkedTry } from '../parking.ts'
import { checkName, checkStream, checkText } from './text.ts'

// What every store accepts and refuses of what consumers set aside.

/** @throws DURE_COMMIT_INVALID, DURE_STORE_TEXT_INVALID */
export function checkParked(parked: ParkedMessage): void {
  checkPlace(parked)
  checkStream(parked.stream)
  checkNoted(parked)
}

/** @throws DURE_STORE_TEXT_INVALID, DURE_ROW_QUERY_INVALID for a limit that is none */
export function checkParkedFilter(filter: ParkedFilter, limit = 1): void {
  for (const [what, text] of Object.entries(filter)) {
    if (text !== undefined) checkText(`${what} of parked messages`, text as string)
  }
  if (Number.isSafeInteger(limit) && limit > 0) return
  throw fault('DURE_ROW_QUERY_INVALID', { reason: `limit is ${limit}` })
}

/** @throws DURE_COMMIT_INVALID, DURE_STORE_TEXT_INVALID */
export function checkTry(place: ParkedPlace, now: ParkedTry): void {
  checkPlace(place)
  checkNoted(now)
  if (Number.isNaN(now.triedAt.getTime())) throw invalid('the time of a try is not a date')
}

/** @throws DURE_COMMIT_INVALID, DURE_STORE_TEXT_INVALID */
export function checkAdoption({ consumer, source, from, to, clampTo }: EpochAdoption): void {
  checkName('name of the consumer', consumer)
  checkName('name of the source', source)
  checkText('epoch', from)
  checkText('epoch', to)
  if (!Number.isSafeInteger(clampTo) || clampTo < 0) throw invalid(`an epoch begins after ${clampTo}`)
}

function checkPlace({ consumer, source }: ParkedPlace): void {
  checkName('name of the consumer', consumer)
  checkName('name of the source', source)
}

function checkNoted({ code, tries, heldUntil }: Pick<ParkedMessage, 'code' | 'tries' | 'heldUntil'>): void {
  checkText('code of the parked message', code)
  if (!Number.isSafeInteger(tries) || tries < 0) throw invalid(`a parked message was tried ${tries} times`)
  if (heldUntil !== undefined && Number.isNaN(heldUntil.getTime())) {
    throw invalid('the end of holding a message is not a date')
  }
}

function invalid(reason: string): Error {
  return fault('DURE_COMMIT_INVALID', { reason })
}
