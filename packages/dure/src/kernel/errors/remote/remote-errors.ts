import { callErrors } from './call-errors.ts'
import { entry } from '../entry.ts'

/** Errors of calls between processes. */
export const remoteErrors = {
  DURE_REMOTE_UNKNOWN: entry<{ remote: string; known: readonly string[] }>({
    kind: 'misuse',
    about: 'A context was called that neither runs in this process nor has an address.',
    message: (d) => `There is no address for the context ${d.remote}.`,
    hint: (d) =>
      d.known.length > 0
        ? `Known are ${d.known.join(', ')}; add the URL of ${d.remote}.`
        : `Add the URL of ${d.remote}, or start it in this process.`,
  }),
  DURE_REMOTE_UNAVAILABLE: {
    ...callErrors.DURE_REMOTE_UNAVAILABLE,
    about:
      'The process of another context could not be reached, or went away before it had answered. A query was tried again as often as its time allowed. A command may have been carried out when the connection broke: asked again under its idempotency key, which stands in the details, it is answered and not repeated.',
  },
  DURE_REMOTE_TIMEOUT: {
    ...callErrors.DURE_REMOTE_TIMEOUT,
    about:
      'The time of a call was over before its answer had come. A command may have been carried out all the same: asked again under its idempotency key, which stands in the details, it is answered and not repeated.',
  },
  DURE_REMOTE_ANSWER: {
    ...callErrors.DURE_REMOTE_ANSWER,
    about:
      'What answered in the place of a context is not Dure, or not completely: a proxy, another service, an answer larger than the limit.',
  },
  DURE_REMOTE_VERSION: {
    ...callErrors.DURE_REMOTE_VERSION,
    about:
      'Caller and callee have different versions of a contract: the callee does not know the command or query, or its answer is not what the caller’s contract says.',
  },
  DURE_DEADLINE: {
    ...callErrors.DURE_DEADLINE,
    about:
      'The time the caller gave was over before the work was begun or, of a query, done. Nothing was changed.',
  },
  DURE_CALL_CANCELLED: {
    ...callErrors.DURE_CALL_CANCELLED,
    about:
      'Whoever asked has gone away or taken the call back. What had not been begun was left; what was stored stays.',
  },
  DURE_REJECTED: {
    ...callErrors.DURE_REJECTED,
    about:
      'The domain said no to a command whose caller insisted. Over HTTP a rejection is an answer with status 422, its name and its data.',
  },
} as const
