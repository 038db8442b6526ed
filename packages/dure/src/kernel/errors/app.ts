import { entry } from './entry.ts'

/** Errors of the application layer and its engine. */
export const appErrors = {
  DURE_COMMAND_UNKNOWN: entry<{ context: string; command: string; known: readonly string[] }>({
    kind: 'missing',
    about: 'No contract of this system promises a command of this name.',
    message: (d) => `${d.context} has no command ${d.command}.`,
    hint: (d) => (d.known.length > 0 ? `Known are ${d.known.join(', ')}.` : 'Check the name of the context.'),
  }),
  DURE_QUERY_UNKNOWN: entry<{ context: string; query: string; known: readonly string[] }>({
    kind: 'missing',
    about: 'No contract of this system promises a query of this name.',
    message: (d) => `${d.context} has no query ${d.query}.`,
    hint: (d) => (d.known.length > 0 ? `Known are ${d.known.join(', ')}.` : 'Check the name of the context.'),
  }),
  DURE_QUERY_NOTHING: entry<{ context: string; query: string }>({
    kind: 'missing',
    about:
      'The query found nothing for this input. A view may lag a moment behind; pass the token of the command.',
    message: (d) => `${d.context}.${d.query} found nothing.`,
    hint: () => 'Check the id; right after a command, send its reply’s token in the header dure-token.',
  }),
  DURE_QUERY_ANSWER: entry<{ context: string; query: string; reason: string }>({
    kind: 'misuse',
    about: 'A query handler returned something that the contract does not promise.',
    message: (d) => `${d.context}.${d.query} answered what its contract does not promise: ${d.reason}`,
    hint: () => 'Correct the handler, or the `out` of the query in the contract.',
  }),
  DURE_COMMAND_CONTENDED: entry<{ aggregate: string; id: string; attempts: number }>({
    kind: 'conflict',
    about:
      'Other processes changed the aggregate each time while the command was being decided. Nothing was stored.',
    message: (d) =>
      `${d.aggregate} ${d.id} was changed by others ${d.attempts} times while this was decided.`,
    hint: () => 'Try again; if it happens often, many writers share one aggregate that could be several.',
  }),
  DURE_VERSION_STALE: entry<{ aggregate: string; id: string; expected: number; found: number }>({
    kind: 'stale',
    about: 'The caller said which version it had seen (If-Match), and the aggregate has moved on since.',
    message: (d) => `${d.aggregate} ${d.id} is at version ${d.found}, not ${d.expected}.`,
    hint: () => 'Read it again, look at what changed, and send the command with the new version.',
  }),
  DURE_KEY_REUSED: entry<{ key: string }>({
    kind: 'invalid',
    about:
      'An idempotency key belongs to one request: the same key came with another command or another input.',
    message: (d) => `The idempotency key ${JSON.stringify(d.key)} was used for another request.`,
    hint: () => 'Use a fresh key for each new request; repeat a request with its key and its exact input.',
  }),
  DURE_VIEW_BEHIND: entry<{ view: string; waitedMs: number }>({
    kind: 'unavailable',
    about: 'The query was to be answered not older than a token, and the view had not caught up in time.',
    message: (d) => `${d.view} has not caught up after ${d.waitedMs} ms.`,
    hint: () => 'Try again; if it stays behind, look for a parked event or an error in the log.',
  }),
  DURE_TOKEN_INVALID: entry<{ reason: string }>({
    kind: 'invalid',
    about: 'The consistency token is not one that this system handed out.',
    message: (d) => `The token cannot be read: ${d.reason}`,
    hint: () => 'Send back the token of a reply unchanged, or leave it out.',
  }),
  DURE_RELATION_MISSING: entry<{ from: string; to: string; what: string }>({
    kind: 'misuse',
    about:
      'The context map has no edge between the two contexts: without one there is no call and no subscription.',
    message: (d) => `${d.from} uses ${d.what} of ${d.to}, but the context map has no relation between them.`,
    hint: (d) =>
      `Add { upstream: ${d.to}, downstream: ${d.from}, as: '…' } to the map of the system, or remove the use.`,
  }),
  DURE_CONSUMER_EPOCH: entry<{ consumer: string; source: string; epoch: string }>({
    kind: 'corrupt',
    about:
      'The log of a context is another one than that which a policy has followed: it does not know the epoch of its watermarks, so nobody can tell which events the policy has handled. It waits; views are built anew by themselves. After an ordinary restore or fail-over the epochs are known, and everybody goes on.',
    message: (d) =>
      `${d.consumer} has watermarks of the epoch ${d.epoch}, which the log of ${d.source} does not know.`,
    hint: (d) =>
      `Where log and watermarks come from one backup, set the epoch in the table cursors to the one in the table meta of ${d.source}; else find out which events it lacks first.`,
  }),
  DURE_EVENT_RESHAPED: entry<{ event: string; version: number; problem: string }>({
    kind: 'misuse',
    about:
      'The shape of an event changed while its version did not, and the log may hold events of the earlier shape. They are read as they were written, so a field that the types promise can be missing. Told at every start, until a version is added.',
    message: (d) => `The event ${d.event} changed its shape: ${d.problem}.`,
    hint: (d) =>
      `Add .from(${d.version}, { … the fields before … }, (old) => ({ … })) to the event; with data that can go, delete .dure instead.`,
  }),
  DURE_EVENT_UNPUBLISHED: entry<{ context: string; position: number; code: string; reason: string }>({
    kind: 'corrupt',
    about:
      'A context could not turn one of its events into what it publishes, so a consumer in another context cannot know whether the event concerns it. It is parked there and found in the log when it is tried again.',
    message: (d) =>
      `The context ${d.context} could not publish its event ${d.position} (${d.code}): ${d.reason}`,
    hint: (d) => `Mend the publication or the event in ${d.context}, then try what is parked again.`,
  }),
  DURE_PARKED_FAILED: entry<{ reason: string }>({
    kind: 'misuse',
    about:
      'A policy, a view, a translator or a publication threw on an event. The event is set aside with the later ones of its aggregate, everything else goes on. It is tried again a few times, at every start, and when `dure parked retry` asks for it.',
    message: (d) => d.reason,
    hint: () => 'Mend what threw, and start again; or look at it with dure parked show.',
  }),
  DURE_PARKED_BEHIND: entry<Record<string, never>>({
    kind: 'misuse',
    about:
      'An event waits behind an earlier one of its aggregate that is parked, because the events of one aggregate are handled in their order.',
    message: () => 'an earlier event of the same aggregate is parked',
    hint: () => 'See the event that is parked first; this one follows it.',
  }),
  DURE_PARKED_GONE: entry<{ source: string; position: number }>({
    kind: 'corrupt',
    about:
      'A parked event was to be tried again, and the log that it is of has nothing at its position. It stays parked, with the later ones of its aggregate.',
    message: (d) => `The log of ${d.source} has no event at position ${d.position}.`,
    hint: () => 'Look whether the log was restored; dure parked drop takes the event out.',
  }),
  DURE_POLICY_REJECTED: entry<{ policy: string; command: string; rejected: string }>({
    kind: 'misuse',
    about:
      'A command that a policy issued was rejected, and the policy has no `.rejected(…)`. The event is parked.',
    message: (d) => `The policy "${d.policy}" issued ${d.command}, which was rejected: ${d.rejected}.`,
    hint: () =>
      'Add .rejected(…) to the policy and start again; or, where the no was right, take it out with dure parked drop.',
  }),
} as const
