import { entry } from './entry.ts'

/** Errors of how aggregates are kept: tables, mappings, snapshots, unique values, migrations. */
export const persistenceErrors = {
  DURE_MAPPING_INVALID: entry<{ where: string; reason: string; fix: string }>({
    kind: 'misuse',
    about: 'A mapping of an aggregate to tables contradicts its state or itself.',
    message: (d) => `${d.where}: ${d.reason}`,
    hint: (d) => d.fix,
  }),
  DURE_TABLE_MISSING: entry<{ context: string; table: string }>({
    kind: 'misuse',
    about:
      'A table of somebody else’s that an aggregate is mapped to is not there. Dure makes only its own tables.',
    message: (d) => `The table ${d.table}, to which ${d.context} maps an aggregate, does not exist.`,
    hint: () => 'Correct its name in the mapping (schema.table), or create it.',
  }),
  DURE_COLUMN_MISSING: entry<{ table: string; column: string; needed: string }>({
    kind: 'misuse',
    about: 'A table lacks a column that an aggregate is mapped to. Nothing was read or written.',
    message: (d) => `The table ${d.table} has no column ${d.column}; a column of type ${d.needed} is needed.`,
    hint: () => 'Correct its name in the mapping, add it, or run dure migrate plan to see what is missing.',
  }),
  DURE_COLUMN_TYPE: entry<{ table: string; column: string; needed: string; found: string }>({
    kind: 'misuse',
    about:
      'A column has a type that cannot hold what the aggregate’s field holds. A column is never altered in place: the release before still uses it.',
    message: (d) => `The column ${d.table}.${d.column} is ${d.found}; ${d.needed} is needed.`,
    hint: () =>
      'Give the field another column in the mapping: it is filled anew, and the old one is dropped by dure migrate apply --contract.',
  }),
  DURE_STATE_CHANGED: entry<{ aggregate: string; id: string; expected: number; found: number }>({
    kind: 'corrupt',
    about:
      'The row of an aggregate shows a version that its events do not lead to: something other than Dure has written it. Nothing was written.',
    message: (d) =>
      `The row of ${d.aggregate} ${d.id} shows version ${d.found}; its events lead to version ${d.expected}.`,
    hint: () =>
      'Find who writes the table beside Dure. dure migrate verify shows what differs; dure migrate verify --repair writes the rows again from the events.',
  }),
  DURE_STATE_UNREADABLE: entry<{ table: string; id: string; column: string; reason: string }>({
    kind: 'corrupt',
    about:
      'A row holds what the field of its column does not take: something other than Dure has written it.',
    message: (d) => `${d.table}.${d.column} of ${d.id} cannot be read: ${d.reason}.`,
    hint: () => 'Mend the row, or let dure migrate verify --repair write it again from the events.',
  }),
  DURE_STATE_ORPHAN: entry<{ table: string; id: string; key: string }>({
    kind: 'corrupt',
    about:
      'A row of a child table belongs to a parent that is not there: something other than Dure has written it.',
    message: (d) => `The row ${d.key} in ${d.table} of ${d.id} has no parent.`,
    hint: () =>
      'Remove the row, or let dure migrate verify --repair write the aggregate again from its events.',
  }),
  DURE_STATE_UNSTORABLE: entry<{ aggregate: string; id: string; reason: string }>({
    kind: 'invalid',
    about: 'A state cannot be written to its tables. Nothing was stored, its events neither.',
    message: (d) => `The state of ${d.aggregate} ${d.id} cannot be stored: ${d.reason}.`,
    hint: () => 'Refuse such a state with an invariant of the aggregate.',
  }),
  DURE_EVENTS_MISSING: entry<{ aggregate: string; id: string; from: number; to: number; found: number }>({
    kind: 'corrupt',
    about: 'The log does not hold all events between a kept state and the version of the stream.',
    message: (d) =>
      `${d.aggregate} ${d.id} needs its events after version ${d.from} up to ${d.to}; ${d.found} of them are there.`,
    hint: () =>
      'Events were removed by hand, or a restored database lost a part of its log: restore a whole backup.',
  }),
  DURE_UNIQUE_TAKEN: entry<{ aggregate: string; id: string; rule: string; value: string }>({
    kind: 'conflict',
    about:
      'Another aggregate has a value that only one may have. Commands answer with the rejection that the rule names; a repository throws this. Nothing was stored.',
    message: (d) =>
      `${d.aggregate} ${d.id} cannot be stored (${d.rule}): another ${d.aggregate} has ${d.value}.`,
    hint: () => 'Choose another value, or change the aggregate that holds it first.',
  }),
  DURE_UNIQUE_VIOLATED: entry<{ aggregate: string; rule: string; value: string; ids: readonly string[] }>({
    kind: 'corrupt',
    about:
      'A rule of uniqueness was added to an aggregate, and some that exist already break it. The rule is not in force; nothing was changed.',
    message: (d) =>
      `${d.rule} cannot come into force: ${d.aggregate} ${d.ids.join(' and ')} have ${d.value}.`,
    hint: () =>
      'Change or end all but one by a command, or in its table what is not adopted yet; then migrate again.',
  }),
  DURE_STORE_UNMIGRATED: entry<{ context: string; steps: readonly string[] }>({
    kind: 'unavailable',
    about:
      'The tables of a context are not what the program needs, and this process does not change them: in production that is done once, before the new release starts.',
    message: (d) => `The tables of ${d.context} are not up to date: ${d.steps.join('; ')}.`,
    hint: () => 'Run dure admin migrate with the configuration of this release, then start again.',
  }),
  DURE_TRANSACTION_UNSUPPORTED: entry<{ store: string }>({
    kind: 'misuse',
    about: 'A unit of work with SQL of one’s own was asked of a store that has no SQL.',
    message: (d) => `The store ${d.store} has no SQL transactions.`,
    hint: () => 'Run on PostgreSQL, embedded or a server, or leave the SQL out.',
  }),
  DURE_TRANSACTION_CLIENT_INVALID: entry<{ store: string; reason: string }>({
    kind: 'misuse',
    about: 'Dure was asked to join a transaction on an object that is no client of pg, or has none open.',
    message: (d) => `The transaction on ${d.store} cannot be joined: ${d.reason}.`,
    hint: () => 'Pass the client of pg (not the pool) on which BEGIN has been done.',
  }),
  DURE_UNIT_TWICE: entry<{ aggregate: string; id: string }>({
    kind: 'misuse',
    about: 'One unit of work was given two handles of one aggregate, neither of which continues the other.',
    message: (d) => `${d.aggregate} ${d.id} was saved twice in one unit of work, from two different handles.`,
    hint: () => 'Decide one after the other: decide again on the `next` of the first, and save the last.',
  }),
  DURE_STATE_DIFFERS: entry<{ aggregate: string; ids: readonly string[]; count: number }>({
    kind: 'corrupt',
    about: 'Rows show another state than their events lead to. Nothing was switched over or removed.',
    message: (d) =>
      `The rows of ${d.count} ${d.aggregate} differ from their events, among them ${d.ids.join(', ')}.`,
    hint: () =>
      'dure migrate verify shows what differs. Put right by a command what is wrong in the events, or write the rows again with --repair.',
  }),
  DURE_SHAPES_INVALID: entry<{ file: string; where: string; reason: string }>({
    kind: 'misuse',
    about:
      'The file of recorded event shapes cannot be understood. It is written by dure check --record alone and only grows; a merge or an editor may have broken it.',
    message: (d) => `${d.file}${d.where === '' ? '' : `, at ${d.where}`}: ${d.reason}.`,
    hint: () => 'Take the file back from version control, then run dure check --record again.',
  }),
  DURE_SHAPES_GONE: entry<{ what: string; since: string; fix: string }>({
    kind: 'misuse',
    about:
      'Something that was recorded for a release is not in the model any more, so what a store holds of it cannot be read: aggregates with such events cannot be loaded, and views and policies set them aside.',
    message: (d) => `${d.what} was recorded for ${d.since}, and the model no longer reads it.`,
    hint: (d) => d.fix,
  }),
  DURE_SHAPES_NO_UPCAST: entry<{ event: string; version: number; since: string; current: number }>({
    kind: 'misuse',
    about:
      'A version of an event was recorded for a release, and no `.from(…)` leads from it to the version of today.',
    message: (d) =>
      `${d.event} was recorded in version ${d.version} for ${d.since}; it is at version ${d.current} and has no .from(${d.version}, …).`,
    hint: (d) =>
      `Declare .from(${d.version}, …) with the fields that it had, and how they become the next ones.`,
  }),
  DURE_SHAPES_VERSION_LOWER: entry<{ event: string; version: number; since: string; current: number }>({
    kind: 'misuse',
    about:
      'An event has a lower version than one that was recorded for a release: what that release stored cannot be read. The version is one more than that of the newest `.from(…)`.',
    message: (d) =>
      `${d.event} is at version ${d.current}; version ${d.version} was recorded for ${d.since}.`,
    hint: (d) => `Keep the .from(…) that lead up to version ${d.version}; versions are never taken back.`,
  }),
  DURE_SHAPES_CHANGED: entry<{ event: string; version: number; since: string; problem: string }>({
    kind: 'misuse',
    about:
      'What the model says of a version of an event is not what was recorded for a release under the same version: stored events of it lack what the model takes for granted, or hold something else.',
    message: (d) => `${d.event} in version ${d.version} is not as recorded for ${d.since}: ${d.problem}.`,
    hint: (d) =>
      `Give version ${d.version} the fields back that it had, and put the change into a new version with .from(${d.version}, …).`,
  }),
  DURE_SHAPES_UNRECORDED: entry<{ events: readonly string[]; file: string }>({
    kind: 'misuse',
    about:
      'The model has versions of events that no release has recorded yet. Before they are recorded nothing holds later changes against them. Reported by dure check --strict.',
    message: (d) => `Not recorded in ${d.file}: ${d.events.join(', ')}.`,
    hint: () => 'Run dure check --record when you release.',
  }),
  DURE_CLI_NO_STORE: entry<{ looked: string }>({
    kind: 'missing',
    about:
      'The store that a command should read is not there yet: no DATABASE_URL is set, and there is no embedded PostgreSQL in the data folder. A check that reads nothing passes for ever, so it fails instead.',
    message: (d) => `There is no store yet: ${d.looked}.`,
    hint: () => 'Set DATABASE_URL, or run in the folder of the program once it has been started.',
  }),
} as const
