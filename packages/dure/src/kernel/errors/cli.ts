import { entry } from './entry.ts'

/** Errors of the command line. */
export const cliErrors = {
  DURE_CLI_USAGE: entry<{ problem: string; usage: string }>({
    kind: 'misuse',
    about: 'The command line was not understood.',
    message: (d) => d.problem,
    hint: (d) => d.usage,
  }),
} as const
