import type { DureError } from '../kernel/error.ts'
import { fault } from '../kernel/errors/fault.ts'
import type { Jose } from './load-jose.ts'

/** The error for credentials that are not believed. Its reason never repeats any part of them. */
export function refused(reason: string, cause?: unknown): DureError {
  return fault('DURE_CREDENTIALS_REFUSED', { reason }, cause)
}

const wrong: Readonly<Record<string, string>> = {
  aud: 'the token is not for this service',
  iss: 'the token is of another issuer',
  nbf: 'the token is not valid yet, by the clock of this service',
  iat: 'the token was issued too long ago, or by a clock that is ahead',
  typ: 'the token is of another type',
}

/** What the check of a token said, in words that may be told. */
export function refusalOf(error: unknown, { errors }: Jose): DureError {
  if (error instanceof errors.JWTExpired)
    return refused('the token has expired, by the clock of this service')
  if (error instanceof errors.JWTClaimValidationFailed) {
    const { claim, reason } = error
    return refused(
      reason === 'missing' ? `the token has no ${claim}` : (wrong[claim] ?? `its ${claim} is wrong`),
    )
  }
  if (error instanceof errors.JOSEAlgNotAllowed)
    return refused('the token is signed in a way that is not accepted')
  if (error instanceof errors.JWSSignatureVerificationFailed) {
    return refused('the signature of the token is not right')
  }
  if (error instanceof errors.JWKSMultipleMatchingKeys) {
    return refused('the token does not say by which of the issuer’s keys it is signed')
  }
  return refused('the token cannot be read')
}
