import { DureError, type ErrorDetails } from '../../error.ts'
import { callErrors } from './call-errors.ts'
import type { ErrorEntry } from '../entry.ts'

type RemoteCode = keyof typeof callErrors
type DetailsOf<C extends RemoteCode> =
  (typeof callErrors)[C] extends Omit<ErrorEntry<infer P>, 'about'> ? P : never

/** As `fault`, for the errors of calls between processes; `more` are details beyond those that the message names. */
export function remoteFault<C extends RemoteCode>(
  code: C,
  details: DetailsOf<C>,
  more: ErrorDetails = {},
  cause?: unknown,
): DureError {
  const it = callErrors[code] as unknown as Omit<ErrorEntry<DetailsOf<C>>, 'about'>
  const all = { ...more, ...details }
  return new DureError(code, it.kind, it.message(details), it.hint(details), all, cause)
}
