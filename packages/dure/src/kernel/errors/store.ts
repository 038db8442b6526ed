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
} as const
