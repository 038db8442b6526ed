import type { ErrorDetails, FaultKind } from '../error.ts'

/**
 * One line of the catalogue. `message` says what failed, on which thing, expected against found; `hint` the next
 * action; `about` the paragraph that `dure explain CODE` and docs/reference/errors.md print.
 */
export interface ErrorEntry<P extends ErrorDetails = ErrorDetails> {
  readonly kind: FaultKind
  readonly about: string
  message(details: P): string
  hint(details: P): string
}

/** Types one entry; its details become the error's `details`. */
export function entry<P extends ErrorDetails>(it: ErrorEntry<P>): ErrorEntry<P> {
  return it
}
