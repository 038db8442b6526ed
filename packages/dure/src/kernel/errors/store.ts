import { entry } from './entry.ts'

/** Errors of what is stored and of the adapters that store it. */
export const storeErrors = {
  DURE_STORE_UNAVAILABLE: entry<{ store: string; reason: string }>({
    kind: 'unavailable',
    about:
      'The database did not answer or refused the connection. Nothing was written by this attempt unless the commit itself was in doubt; a command with an idempotency key can be repeated safely.',
    message: (d) => `The store ${d.store} cannot be reached: ${d.reason}`,
    hint: () => 'Check that the database runs and that DATABASE_URL points at it, then try again.',
  }),
  DURE_STORE_NEWER: entry<{ schema: string; found: number; known: number }>({
    kind: 'unavailable',
    about:
      'The database was migrated by a newer version of Dure than the one running. An older version must not write to it.',
    message: (d) =>
      `The schema ${d.schema} is at migration ${d.found}; this version of Dure knows migrations up to ${d.known}.`,
    hint: () => 'Run the newer version of dure, or restore a backup made before the upgrade.',
  }),
  DURE_STORE_CORRUPT: entry<{ store: string; reason: string }>({
    kind: 'corrupt',
    about: 'What is stored is not in a state that Dure or PostgreSQL can open. Nothing was changed.',
    message: (d) => `The store ${d.store} cannot be opened: ${d.reason}`,
    hint: () => 'Restore a backup, or move the data folder aside to start empty. Dure never deletes it.',
  }),
  DURE_STORE_DRIVER_MISSING: entry<{ package: string; needed: string }>({
    kind: 'misuse',
    about: 'An optional peer dependency that this entry point needs is not installed.',
    message: (d) => `The package ${d.package} is not installed; ${d.needed} needs it.`,
    hint: (d) => `npm install ${d.package}`,
  }),
  DURE_STORE_CLOSED: entry<{ store: string }>({
    kind: 'unavailable',
    about: 'A store was used after it had been closed, usually by work that outlived a shutdown.',
    message: (d) => `The store ${d.store} is closed.`,
    hint: () => 'Close the store last, when nothing uses it any more.',
  }),
  DURE_STORE_CONTENDED: entry<{ store: string; tries: number; reason: string }>({
    kind: 'conflict',
    about:
      'The database gave a transaction up in favour of others (deadlock, serialization failure), again and again. Nothing was written.',
    message: (d) => `The store ${d.store} gave the transaction up ${d.tries} times: ${d.reason}`,
    hint: () => 'Try again. If it persists, look for long transactions that touch the same streams.',
  }),
  DURE_STORE_REFUSED: entry<{ store: string; sqlstate: string; reason: string }>({
    kind: 'misuse',
    about:
      'The database refused a statement of Dure for a reason that trying again does not change: a missing privilege, a table altered by hand, an extension in the way. Nothing was written.',
    message: (d) => `The store ${d.store} refused a statement (SQLSTATE ${d.sqlstate}): ${d.reason}`,
    hint: () => 'Give the database role the right to create and use schemas, and undo changes made by hand.',
  }),
  DURE_STORE_TEXT_INVALID: entry<{ what: string; reason: string }>({
    kind: 'invalid',
    about:
      'A text that was to be stored holds U+0000 or half a surrogate pair, or a name is longer than 512 bytes in UTF-8. PostgreSQL stores none of these, so every store refuses them, before anything is written.',
    message: (d) => `The ${d.what} cannot be stored: ${d.reason}.`,
    hint: () =>
      'Validate or clean the text where it enters; cut texts between characters, not between UTF-16 units.',
  }),
  DURE_STORE_CONTEXT_INVALID: entry<{ context: string; reason: string }>({
    kind: 'misuse',
    about:
      'The name of a context becomes the name of its schema: a letter, then letters, digits, `_` or `-`, at most 48 bytes in UTF-8.',
    message: (d) => `The context ${JSON.stringify(d.context)} cannot have a store: ${d.reason}.`,
    hint: () => 'Rename the context.',
  }),
  DURE_STORE_SCHEMA_TAKEN: entry<{ schema: string; context: string; found: string }>({
    kind: 'misuse',
    about:
      'The schema that a context would keep its tables in belongs to another context or to another system, or holds tables that are not of Dure.',
    message: (d) => `The schema ${d.schema} of the context ${d.context} is taken: found ${d.found}.`,
    hint: () => 'Rename the context, set schemaPrefix, or use another database.',
  }),
  DURE_STORE_EPOCH: entry<{ store: string; context: string; epoch: string }>({
    kind: 'conflict',
    about:
      'The log of a context was put back from a copy, or another server took over, while a reader was on its way: positions after that may be used a second time. Consumers of Dure go on by themselves, from where the new epoch begins.',
    message: (d) =>
      `The log of ${d.context} in ${d.store} has begun a new epoch; the reader is of ${d.epoch}.`,
    hint: () => 'Open another reader, at the latest where the new epoch begins; see LogReader.next.',
  }),
  DURE_LOG_ARCHIVED: entry<{ context: string; after: number; archived: number }>({
    kind: 'missing',
    about:
      'Somebody was to read the log of a context from below the place up to which it was archived: a policy or view that is new, or a view that is built anew because its fold has changed. It would miss events without a word, so it does not begin. Nothing was changed.',
    message: (d) =>
      `The log of ${d.context} was archived up to position ${d.archived}; who stands at ${d.after} would miss events.`,
    hint: (d) =>
      `Bring the files of ${d.context} back with dure admin log restore, start, and archive again once everybody has come past them.`,
  }),
  DURE_ARCHIVE_FAILED: entry<{ context: string; reason: string }>({
    kind: 'unavailable',
    about:
      'Events of a log could not be moved into a file, or back. The part of the log that was in work is as it was; a file that is left over does no harm.',
    message: (d) => `The log of ${d.context} was not changed: ${d.reason}.`,
    hint: () => 'See to the cause, then run the command again: it goes on where it was.',
  }),
  DURE_LEASE_INVALID: entry<{ lease: string; reason: string }>({
    kind: 'misuse',
    about: 'A lease was asked for that no store can give. Nothing was written.',
    message: (d) => `The lease ${JSON.stringify(d.lease)} cannot be taken: ${d.reason}.`,
    hint: () => 'Name the lease and its holder, and ask for 1 ms to 1 day.',
  }),
  DURE_STORE_MIGRATION_CHANGED: entry<{ schema: string; number: number; name: string }>({
    kind: 'corrupt',
    about:
      'A migration that was applied to the schema is not the one this version of Dure carries under the same number.',
    message: (d) =>
      `Migration ${d.number} (${d.name}) of the schema ${d.schema} was applied in another form.`,
    hint: () => 'Use a released version of dure; a build from source may have changed the migration since.',
  }),
  DURE_STORE_IN_USE: entry<{ directory: string; pid: number }>({
    kind: 'unavailable',
    about:
      'Another process has the embedded database of this folder open. Two processes must not share it silently. The process is 0 when it cannot be seen from here: it runs in another container.',
    message: (d) => `The embedded database in ${d.directory} is in use by ${nameProcess(d.pid)}.`,
    hint: (d) => `Stop ${nameProcess(d.pid)}, or set DATABASE_URL to a server that both can use.`,
  }),
  DURE_STORE_VERSION: entry<{ store: string; found: string; needed: string }>({
    kind: 'unavailable',
    about:
      'The data was written by a PostgreSQL of another major version than the one at hand. Nothing was changed.',
    message: (d) =>
      `The store ${d.store} is of PostgreSQL ${d.found}; PostgreSQL ${d.needed} is needed to open it.`,
    hint: () => 'Use the matching version, dump and restore, or move the data folder aside to start empty.',
  }),
  DURE_STORE_UNSUITABLE: entry<{ store: string; reason: string }>({
    kind: 'misuse',
    about: 'The database is set up in a way that Dure cannot work with.',
    message: (d) => `The store ${d.store} is not suitable: ${d.reason}.`,
    hint: () => 'Create a database with encoding UTF8 and use that.',
  }),
  DURE_STORE_READ_ONLY: entry<{ store: string; reason: string }>({
    kind: 'unavailable',
    about:
      'The server that was reached when a store was opened takes no writes: it is a standby, or the role, the database or the server has default_transaction_read_only on.',
    message: (d) => `The store ${d.store} cannot be written to: ${d.reason}.`,
    hint: () =>
      'Let DATABASE_URL lead to the primary: the server that drivers with several hosts choose with target_session_attrs=read-write. If this is the primary, take default_transaction_read_only off the role and the database.',
  }),
  DURE_STORE_POOLER: entry<{ store: string; reason: string }>({
    kind: 'misuse',
    about:
      'A pooler between Dure and PostgreSQL gives each transaction another connection of the server and does not pass prepared statements on, which Dure needs; or somebody runs DISCARD ALL or DEALLOCATE on the connections of Dure.',
    message: (d) => `The pooler before the store ${d.store} cannot be used: ${d.reason}.`,
    hint: () =>
      'With PgBouncer, use version 1.21 or newer and set max_prepared_statements above 0 (200, say), or set pool_mode = session. Or connect to PostgreSQL itself.',
  }),
  DURE_STORE_MIGRATION_POOLED: entry<{ store: string; step: string; reason: string }>({
    kind: 'misuse',
    about:
      'An index is made beside writers, outside of any transaction, and a pooler between Dure and PostgreSQL that gives each transaction another connection of the server leaves no way to do that safely. What was made before stays; nothing else was changed.',
    message: (d) => `"${d.step}" cannot be done through the pooler before the store ${d.store}: ${d.reason}.`,
    hint: () =>
      'Run dure admin migrate with a DATABASE_URL that leads to PostgreSQL itself, then start again as before.',
  }),
  DURE_EMBEDDED_UNSUPPORTED: entry<{ platform: string; reason: string }>({
    kind: 'misuse',
    about:
      'The embedded PostgreSQL cannot run here: npm brings no binary for this platform, or the system lacks what it takes to run it.',
    message: (d) => `The embedded PostgreSQL cannot run on ${d.platform}: ${d.reason}.`,
    hint: () => 'Set DATABASE_URL to a PostgreSQL server, version 15 or newer.',
  }),
  DURE_EMBEDDED_DENIED: entry<{ directory: string; reason: string }>({
    kind: 'misuse',
    about: 'The folder of the embedded database cannot be used by this user. Nothing was changed.',
    message: (d) => `The folder ${d.directory} cannot hold the embedded database: ${d.reason}.`,
    hint: () => 'Start as the user that owns the folder, give it another folder, or set DATABASE_URL.',
  }),
  DURE_EMBEDDED_FAILED: entry<{ directory: string; reason: string; log: string }>({
    kind: 'unavailable',
    about: 'The embedded PostgreSQL did not come up. Its data was not removed; its log says more.',
    message: (d) => `The embedded PostgreSQL in ${d.directory} did not start: ${d.reason}`,
    hint: (d) => `Read ${d.log}, or set DATABASE_URL to a PostgreSQL server.`,
  }),
  DURE_COMMIT_INVALID: entry<{ reason: string }>({
    kind: 'misuse',
    about: 'A commit was handed to a store that no store can carry out. Nothing was written.',
    message: (d) => `The commit is not valid: ${d.reason}.`,
    hint: () => 'Correct the caller; see EventStore.commit.',
  }),
  DURE_ROW_QUERY_INVALID: entry<{ reason: string }>({
    kind: 'misuse',
    about: 'A query for the rows of a view is out of bounds.',
    message: (d) => `The query for rows is not valid: ${d.reason}.`,
    hint: () => 'Ask for 1 to 1000 rows, from an offset of 0 or more.',
  }),
} as const

function nameProcess(pid: number): string {
  return pid > 0 ? `process ${pid}` : 'a process in another container'
}
