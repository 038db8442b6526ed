/**
 * How a failure is meant to be met. Edges map kinds, never codes: HTTP to a status, the CLI to an exit code,
 * the engine to retry or park. The domain never sees a number.
 *
 * - `misuse`: the program is wrong; the hint says what to change.
 * - `invalid`: the input is refused by its shape.
 * - `unauthenticated`: nobody knows who asks, and not everyone may.
 * - `forbidden`: who asks may not.
 * - `missing`: the thing named does not exist.
 * - `conflict`: somebody else was first, also after retries.
 * - `stale`: a precondition the caller stated does not hold.
 * - `too-large`, `media-type`: the request cannot be read.
 * - `unavailable`: try again later; nothing was done.
 * - `corrupt`: what is stored cannot be understood; nothing was changed.
 */
export type FaultKind =
  | 'misuse'
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'missing'
  | 'conflict'
  | 'stale'
  | 'too-large'
  | 'media-type'
  | 'unavailable'
  | 'corrupt'

/** One thing wrong with an input: where (`/lines/0/quantity`, a JSON Pointer) and what. */
export interface Issue {
  readonly path: string
  readonly message: string
}

/** What may be said about an error besides its sentence. JSON-safe; never payloads, never secrets. */
export type ErrorDetails = Readonly<
  Record<string, string | number | boolean | null | readonly string[] | readonly Issue[]>
>

const brand: unique symbol = Symbol.for('dure.error') as never

/** The one error class of Dure. `code` is API: never reused, listed in docs/reference/errors.md. */
export class DureError extends Error {
  readonly code: string
  readonly kind: FaultKind
  /** The next action for the reader of the message. */
  readonly hint: string
  readonly details: ErrorDetails

  constructor(
    code: string,
    kind: FaultKind,
    message: string,
    hint: string,
    details: ErrorDetails = {},
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = new.target.name
    this.code = code
    this.kind = kind
    this.hint = hint
    this.details = details
    Object.defineProperty(this, brand, { value: true })
  }

  /** Whether trying the same again later can succeed. */
  get retryable(): boolean {
    return this.kind === 'unavailable' || this.kind === 'conflict'
  }
}

/** Recognises a DureError also when it comes from another copy of the package. */
export function isDureError(error: unknown, code?: string): error is DureError {
  if (typeof error !== 'object' || error === null || !(brand in error)) return false
  return code === undefined || (error as unknown as DureError).code === code
}
