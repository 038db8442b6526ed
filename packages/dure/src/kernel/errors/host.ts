import { entry } from './entry.ts'

/** Errors of starting, configuring and stopping a process. */
export const hostErrors = {
  DURE_CONFIG_INVALID: entry<{ problems: readonly string[] }>({
    kind: 'misuse',
    about: 'Environment variables that the process needs are missing or wrong. All are reported at once.',
    message: (d) => `The configuration is not valid:\n${d.problems.map((it) => `  ${it}`).join('\n')}`,
    hint: () => 'Set the variables named above and start again.',
  }),
  DURE_MODEL_WRONG: entry<{ system: string; problems: readonly string[] }>({
    kind: 'misuse',
    about:
      'The parts of the model contradict each other: a subscription without a relation, a command that nobody has. The process does not start, because it would show only later.',
    message: (d) => `The model of ${d.system} is not right:\n${d.problems.map((it) => `  ${it}`).join('\n')}`,
    hint: () => 'Mend what is listed; dure check says the same without starting anything.',
  }),
  DURE_PORT_IN_USE: entry<{ host: string; port: number }>({
    kind: 'unavailable',
    about: 'Another process listens on the address.',
    message: (d) => `Port ${d.port} on ${d.host} is in use.`,
    hint: () => 'Stop the other process, or set PORT to a free one.',
  }),
} as const
