import { modelFindings, sourceFindings } from './check.ts'
import { entry } from './entry.ts'

/** Errors of the command line, and what its check finds. */
export const cliErrors = {
  DURE_CLI_USAGE: entry<{ problem: string; usage: string }>({
    kind: 'misuse',
    about: 'The command line was not understood.',
    message: (d) => d.problem,
    hint: (d) => d.usage,
  }),
  DURE_CLI_CONFIRM: entry<{ what: readonly string[] }>({
    kind: 'misuse',
    about: 'A command would have destroyed data, and nobody said yes to it. Nothing was changed.',
    message: (d) => `This would destroy data: ${d.what.join('; ')}.`,
    hint: () => 'Take a backup, then say yes at the terminal or run the command with --yes.',
  }),
  DURE_CLI_NO_ENTRY: entry<{ what: string; looked: readonly string[] }>({
    kind: 'missing',
    about:
      'The program or its system is not where the CLI looks: in package.json under "dure" ("entry", "system"), else in src/main.ts and src/system.ts.',
    message: (d) => `There is no ${d.what}: looked at ${d.looked.join(', ')}.`,
    hint: (d) =>
      `Name the file on the command line, or in package.json: "dure": { "${d.what}": "src/${d.what}.ts" }.`,
  }),
  DURE_CLI_NO_SYSTEM: entry<{ file: string; found: readonly string[] }>({
    kind: 'misuse',
    about:
      'The module that should export a system does not: an exported value made by system(…), under any name.',
    message: (d) =>
      d.found.length > 1
        ? `${d.file} exports ${d.found.length} systems: ${d.found.join(', ')}.`
        : `${d.file} exports no system.`,
    hint: () => "Export exactly one: export const shop = system('Shop', { … }).",
  }),
  DURE_CLI_LOAD: entry<{ file: string; reason: string }>({
    kind: 'misuse',
    about: 'A module of the program could not be loaded; what it threw is the cause.',
    message: (d) => `${d.file} cannot be loaded: ${d.reason}`,
    hint: () => 'Correct the module; --verbose prints where it happened.',
  }),
  DURE_CLI_CONFIG: entry<{ file: string; reason: string }>({
    kind: 'misuse',
    about: 'The part "dure" of a package.json has an unknown key or a value of the wrong kind.',
    message: (d) => `"dure" in ${d.file} is not valid: ${d.reason}`,
    hint: () => 'Known are "entry" and "system", each a path, and "pure", a list of packages.',
  }),
  DURE_CLI_NOTHING_READ: entry<{ root: string }>({
    kind: 'misuse',
    about: 'A check that reads no file passes for ever, so it fails instead.',
    message: (d) => `Not one source file of a context was read under ${d.root}.`,
    hint: () => 'Run it in the folder of the program, or name the module that exports the system.',
  }),
  DURE_CLI_STREAM: entry<{ stream: string; problem: string; known: readonly string[] }>({
    kind: 'missing',
    about: 'A stream is named Aggregate/id or Context/Aggregate/id, after the model.',
    message: (d) => `${JSON.stringify(d.stream)} is not a stream: ${d.problem}`,
    hint: (d) => (d.known.length > 0 ? `Aggregates are ${d.known.join(', ')}.` : 'Write Aggregate/id.'),
  }),
  ...modelFindings,
  ...sourceFindings,
} as const
