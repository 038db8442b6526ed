import type { Issue } from '../error.ts'
import { entry } from './entry.ts'

const first = (issues: readonly Issue[]): string => {
  const it = issues[0]
  if (it === undefined) return ''
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : ''
  return `${it.path || '/'}: ${it.message}${more}`
}

/** Errors of the domain layer: values, events, aggregates. */
export const domainErrors = {
  DURE_MODEL_NAME: entry<{ what: string; name: string }>({
    kind: 'misuse',
    about:
      'Names in the model become JSON keys, SQL identifiers, URLs and subjects of the broker, so they are plain: a letter first, then letters, digits and underscores, at most 63, and not a name that every JavaScript object has.',
    message: (d) => `${d.what} cannot be named ${JSON.stringify(d.name)}.`,
    hint: () => 'Use a letter first, then letters, digits and _, at most 63 characters.',
  }),
  DURE_MODEL_DUPLICATE: entry<{ what: string; name: string; where: string }>({
    kind: 'misuse',
    about:
      'Two things of one kind have the same name in the same place, so that messages could not be told apart.',
    message: (d) => `${d.where} already has ${d.what} named ${d.name}.`,
    hint: () => 'Rename one of the two.',
  }),
  DURE_MODEL_INVALID: entry<{ where: string; reason: string; fix: string }>({
    kind: 'misuse',
    about: 'A definition of the model contradicts itself or names something that does not exist.',
    message: (d) => `${d.where}: ${d.reason}`,
    hint: (d) => d.fix,
  }),
  DURE_SCHEMA_ASYNC: entry<{ field: string }>({
    kind: 'misuse',
    about:
      'The domain is synchronous. A schema whose validation returns a promise (an async refinement) would make decisions depend on the world.',
    message: (d) => `The schema of ${d.field} validates asynchronously.`,
    hint: () => 'Remove the async refinement; look things up in a handler before the decision.',
  }),
  DURE_SCHEMA_TRANSFORMS: entry<{ field: string }>({
    kind: 'misuse',
    about:
      'What is stored must be read back as it was written: a schema that turns its input into something else would transform again at every reading. Transforms are free in commands and queries.',
    message: (d) => `The schema of ${d.field} transforms its input, and its result is stored.`,
    hint: () => 'Use a schema whose output it accepts as input, or instant(), bigInt(), bytes().',
  }),
  DURE_SCHEMA_NOT_STORABLE: entry<{ field: string; found: string }>({
    kind: 'misuse',
    about: 'Events, states and rows are stored as JSON. Dates, bigints and bytes have fields of their own.',
    message: (d) => `The value of ${d.field} cannot be stored as JSON: ${d.found}.`,
    hint: () => 'Use instant() for a Date, bigInt() for a bigint, bytes() for a Uint8Array.',
  }),
  DURE_VALUE_INVALID: entry<{ type: string; issues: readonly Issue[] }>({
    kind: 'invalid',
    about: 'A value object or entity was made from values that its fields or its rules refuse.',
    message: (d) => `${d.type} cannot be made: ${first(d.issues)}`,
    hint: () => 'Check the values before making it; the issues list each with its path.',
  }),
  DURE_COMMAND_INVALID: entry<{ command: string; issues: readonly Issue[] }>({
    kind: 'invalid',
    about:
      'The input of a command or query is refused by its shape: a wrong type, a missing or an unknown field.',
    message: (d) => `The input of ${d.command} is not valid: ${first(d.issues)}`,
    hint: () => 'Correct the fields that the issues name.',
  }),
  DURE_EVENT_INVALID: entry<{ event: string; issues: readonly Issue[] }>({
    kind: 'misuse',
    about: 'A decision emitted an event whose data does not fit its fields. Nothing was stored.',
    message: (d) => `The decision emitted ${d.event} with data that its fields refuse: ${first(d.issues)}`,
    hint: () => 'Correct the command that emits it, or the fields of the event.',
  }),
  DURE_EVENT_UNKNOWN: entry<{ aggregate: string; id: string; position: number; type: string }>({
    kind: 'corrupt',
    about:
      'The log holds an event that the model does not know: it was renamed or removed, or a newer version of the service wrote it.',
    message: (d) =>
      `${d.aggregate} ${d.id} has an event of unknown type ${d.type} at position ${d.position}.`,
    hint: (d) =>
      `Say what became of ${d.type}: .formerly('${d.type}') on the event it is now, or retired: [${d.type}.becomes(…)] on the aggregate. If a newer release wrote it, run that one.`,
  }),
  DURE_EVENT_VERSION_UNKNOWN: entry<{
    aggregate: string
    id: string
    position: number
    type: string
    found: number
    known: number
  }>({
    kind: 'corrupt',
    about:
      'The log holds an event in a version of its shape for which the model has no `.from(…)`, or a newer one.',
    message: (d) =>
      `${d.aggregate} ${d.id} has ${d.type} in version ${d.found} at position ${d.position}; the model knows up to ${d.known}.`,
    hint: (d) =>
      d.found > d.known
        ? 'Run the newer version of the service that wrote it.'
        : `Add .from(${d.found}, oldFields, map) to the event.`,
  }),
  DURE_EVENT_UNREADABLE: entry<{
    aggregate: string
    id: string
    position: number
    type: string
    reason: string
  }>({
    kind: 'corrupt',
    about:
      'A stored event could not be turned into the current shape, or the aggregate could not evolve with it.',
    message: (d) =>
      `${d.aggregate} ${d.id} cannot be restored: ${d.type} at position ${d.position} failed: ${d.reason}`,
    hint: () => 'Mend the .from(…) or the evolve function of this event; the log is unchanged.',
  }),
  DURE_DECISION_INVALID: entry<{ command: string; found: string }>({
    kind: 'misuse',
    about: 'A factory or command must return what emit or reject made, or a list of emitted events.',
    message: (d) => `${d.command} returned ${d.found}.`,
    hint: () => 'Return emit.Event(…), reject(…), or a list of emitted events ([] for nothing to do).',
  }),
  DURE_ID_INVALID: entry<{ what: string; id: string; reason: string }>({
    kind: 'invalid',
    about: 'An id is 1 to 200 characters of text without control characters.',
    message: (d) => `${JSON.stringify(d.id)} is not an id of ${d.what}: ${d.reason}`,
    hint: () => 'Use 1 to 200 characters without control characters.',
  }),
  DURE_AGGREGATE_NOT_FOUND: entry<{ aggregate: string; id: string }>({
    kind: 'missing',
    about: 'No aggregate of this kind has this id, for this tenant.',
    message: (d) => `${d.aggregate} ${d.id} does not exist.`,
    hint: () => 'Check the id.',
  }),
  DURE_AGGREGATE_ENDED: entry<{ aggregate: string; id: string }>({
    kind: 'missing',
    about: 'The aggregate was deleted by one of its own events. Ids are never used again.',
    message: (d) => `${d.aggregate} ${d.id} was deleted.`,
    hint: () => 'Use another id; what it once was stays in its events.',
  }),
  DURE_AGGREGATE_EXISTS: entry<{ aggregate: string; id: string }>({
    kind: 'conflict',
    about: 'A factory would create an aggregate under an id that is taken.',
    message: (d) => `${d.aggregate} ${d.id} exists already.`,
    hint: () => 'Load it and change it with a command, or use another id.',
  }),
  DURE_VERSION_CONFLICT: entry<{ aggregate: string; id: string; expected: number }>({
    kind: 'conflict',
    about:
      'Somebody else changed the aggregate between reading and saving. Nothing was stored. Commands that come through the application are decided again a few times before this error reaches the caller.',
    message: (d) => `${d.aggregate} ${d.id} is no longer at version ${d.expected}.`,
    hint: () => 'Load it again and decide again.',
  }),
} as const
