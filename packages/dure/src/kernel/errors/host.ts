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
  DURE_CONTEXT_UNKNOWN: entry<{
    system: string
    context: string
    known: readonly string[]
    near: string | null
    foreign?: boolean
  }>({
    kind: 'misuse',
    about:
      'A process was told to run a context that the system does not have, or of which it has the contract alone.',
    message: (d) =>
      d.foreign === true
        ? `The context ${d.context} of the system ${d.system} is in another repository: nothing here can run it.`
        : `The system ${d.system} has no context ${JSON.stringify(d.context)}.`,
    hint: (d) =>
      d.near === null || d.foreign === true
        ? `Its contexts are ${d.known.join(', ')}.`
        : `Did you mean ${d.near}? It stands in DURE_CONTEXTS, or on the command line.`,
  }),
  DURE_ROLE_UNKNOWN: entry<{ role: string; known: readonly string[]; near: string | null }>({
    kind: 'misuse',
    about: 'A process was given a role that does not exist.',
    message: (d) => `There is no role ${JSON.stringify(d.role)}.`,
    hint: (d) => (d.near === null ? `Roles are ${d.known.join(', ')}.` : `Did you mean ${d.near}?`),
  }),
  DURE_BUS_MISSING: entry<{
    here: readonly string[]
    heard: readonly string[]
    hearing: readonly string[]
  }>({
    kind: 'misuse',
    about:
      'Contexts that run in processes of their own hear each other over a broker, and none is configured. Without it events would wait for ever, and nobody would be told.',
    message: (d) => `${d.here.join(', ')} cannot run alone without a broker: ${pathsOf(d)}.`,
    hint: () =>
      'Set NATS_URL or KAFKA_URL, the same for all processes of the system, or run all contexts in one process. dure dev --split needs neither.',
  }),
  DURE_SOURCE_UNAVAILABLE: entry<{ context: string; reason: string }>({
    kind: 'unavailable',
    about:
      'No process of another context could be asked for its log: what the bus does not have of it has to wait. Views and policies that hear it go on by themselves when one answers.',
    message: (d) => `The log of ${d.context} cannot be asked for: ${d.reason}.`,
    hint: (d) => `See whether ${d.context} runs, and what the variable DURE_URL_… of it says here.`,
  }),
  DURE_SYSTEM_OTHER: entry<{ context: string; expected: string; found: string }>({
    kind: 'misuse',
    about:
      'A context in another repository says that it is of a system of another name. The topics of the broker bear the name of the system, so neither hears the other.',
    message: (d) => `${d.context} is of the system ${d.found}, and this process of ${d.expected}.`,
    hint: (d) =>
      `Give system(…) the same name in both repositories; if they are two systems, DURE_URL_… of ${d.context} leads to the wrong one.`,
  }),
  DURE_PORT_IN_USE: entry<{ host: string; port: number }>({
    kind: 'unavailable',
    about: 'Another process listens on the address.',
    message: (d) => `Port ${d.port} on ${d.host} is in use.`,
    hint: () => 'Stop the other process, or set PORT to a free one.',
  }),
  DURE_HOST_ADDRESS: entry<{ host: string; port: number; reason: string }>({
    kind: 'misuse',
    about: 'The process cannot listen on the address: it is none of this machine, or the port needs a right.',
    message: (d) => `Cannot listen on ${d.host}, port ${d.port}: ${d.reason}.`,
    hint: () => 'Set HOST to an address of this machine (0.0.0.0 for all), and PORT to one above 1023.',
  }),
  DURE_SHUTDOWN_CUT: entry<{ budgetMs: number; cut: readonly string[] }>({
    kind: 'unavailable',
    about:
      'The process was asked to stop, and something did not end within DURE_SHUTDOWN_MS. It was cut off; what was acknowledged is stored.',
    message: (d) => `Not finished within ${d.budgetMs} ms, and cut off: ${d.cut.join('; ')}.`,
    hint: () => 'Look at what takes so long, or give DURE_SHUTDOWN_MS (and the orchestrator) more time.',
  }),
} as const

function pathsOf(d: { readonly heard: readonly string[]; readonly hearing: readonly string[] }): string {
  const heard = d.heard.length > 0 ? [`it hears ${d.heard.join(', ')}`] : []
  const hearing = d.hearing.length > 0 ? [`${d.hearing.join(', ')} hear it`] : []
  return [...heard, ...hearing].join(' and ')
}
