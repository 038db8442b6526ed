import type { ErrorDetails, FaultKind } from '../../error.ts'

/** An entry of the catalogue but for what is to be known about it. */
interface Said<P extends ErrorDetails> {
  readonly kind: FaultKind
  message(details: P): string
  hint(details: P): string
}

function said<P extends ErrorDetails>(it: Said<P>): Said<P> {
  return it
}

/** What errors of calls between processes say. Apart from the catalogue, because clients in browsers bring it along. */
export const callErrors = {
  DURE_REMOTE_UNAVAILABLE: said<{ remote: string; what: string; reason: string; attempts: number }>({
    kind: 'unavailable',
    message: (d) => `${d.remote} could not be asked ${d.what}: ${d.reason} (tried ${d.attempts}×).`,
    hint: () => 'See its process and URL; repeat a command with its key.',
  }),
  DURE_REMOTE_TIMEOUT: said<{ remote: string; what: string; ms: number }>({
    kind: 'unavailable',
    message: (d) => `${d.remote} did not answer ${d.what} in ${d.ms} ms.`,
    hint: () => 'Give it more time; repeat a command with its key.',
  }),
  DURE_REMOTE_ANSWER: said<{ remote: string; what: string; reason: string }>({
    kind: 'corrupt',
    message: (d) => `${d.remote} answered ${d.what} unreadably: ${d.reason}.`,
    hint: () => 'See where its URL leads.',
  }),
  DURE_REMOTE_VERSION: said<{ remote: string; what: string; reason: string }>({
    kind: 'misuse',
    message: (d) => `${d.remote} has another version of its contract: ${d.reason}.`,
    hint: (d) => `Roll out ${d.remote} before its callers.`,
  }),
  DURE_DEADLINE: said<{ what: string }>({
    kind: 'unavailable',
    message: (d) => `The deadline of ${d.what} has passed.`,
    hint: () => 'Try again with more time.',
  }),
  DURE_CALL_CANCELLED: said<{ what: string }>({
    kind: 'unavailable',
    message: (d) => `${d.what} was cancelled.`,
    hint: () => 'Ask again if it is wanted.',
  }),
  DURE_REJECTED: said<{ command: string; rejected: string; data: string }>({
    kind: 'misuse',
    message: (d) => `${d.command} was rejected: ${d.rejected} ${d.data}`,
    hint: () => 'Use tell(…) where it may be rejected.',
  }),
} as const
