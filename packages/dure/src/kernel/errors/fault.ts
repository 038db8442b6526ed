import { DureError } from '../error.ts'
import { catalogue, type ErrorCode } from './catalogue.ts'
import type { ErrorEntry } from './entry.ts'

type DetailsOf<C extends ErrorCode> = (typeof catalogue)[C] extends ErrorEntry<infer P> ? P : never

/** Makes the catalogue's error for a code; the only way errors come into being in Dure. */
export function fault<C extends ErrorCode>(code: C, details: DetailsOf<C>, cause?: unknown): DureError {
  const it = catalogue[code] as unknown as ErrorEntry<DetailsOf<C>>
  return new DureError(code, it.kind, it.message(details), it.hint(details), details, cause)
}
