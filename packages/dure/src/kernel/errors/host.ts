import { entry } from './entry.ts'

/** Errors of starting, configuring and stopping a process. */
export const hostErrors = {
  DURE_CONFIG_INVALID: entry<{ problems: readonly string[] }>({
    kind: 'misuse',
    about: 'Environment variables that the process needs are missing or wrong. All are reported at once.',
    message: (d) => `The configuration is not valid:\n${d.problems.map((it) => `  ${it}`).join('\n')}`,
    hint: () => 'Set the variables named above and start again.',
  }),
  DURE_PORT_IN_USE: entry<{ host: string; port: number }>({
    kind: 'unavailable',
    about: 'Another process listens on the address.',
    message: (d) => `Port ${d.port} on ${d.host} is in use.`,
    hint: () => 'Stop the other process, or set PORT to a free one.',
  }),
} as const
