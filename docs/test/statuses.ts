import { DureError, type FaultKind } from 'dure'
import { statusOf } from '../../packages/dure/src/http/problem.ts'

const kinds: readonly FaultKind[] = [
  'invalid',
  'unauthenticated',
  'forbidden',
  'missing',
  'conflict',
  'stale',
  'too-large',
  'media-type',
  'unavailable',
  'misuse',
  'corrupt',
]

/** Every kind of error with the status that HTTP gives it. */
export const faultStatuses: readonly (readonly [status: number, kind: string])[] = kinds.map(
  (kind) => [statusOf(new DureError('DURE_X', kind, '', '')), kind] as const,
)
