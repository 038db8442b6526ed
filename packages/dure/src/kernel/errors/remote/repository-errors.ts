import { entry } from '../entry.ts'

/** What is wrong between repositories: found by `dure check`, and in the files that they give each other. */
export const repositoryErrors = {
  DURE_JOIN_FILE: entry<{ file: string; reason: string }>({
    kind: 'misuse',
    about:
      'A file of another repository, its model or the record of its contracts, cannot be read or is none. A check without it would say that all is well.',
    message: (d) => `${d.file}: ${d.reason}.`,
    hint: () =>
      'A model file is what dure model --json prints in the repository of the other contexts; dure.contract.json is written by dure check --record.',
  }),
  DURE_JOIN_SYSTEM: entry<{ here: string; there: string }>({
    kind: 'misuse',
    about:
      'Two repositories are of systems of different names. The topics of the broker bear the name of the system, so the contexts of one would never hear those of the other.',
    message: (d) => `It is of the system ${d.there}, and this one is ${d.here}.`,
    hint: () => 'Give system(…) the same name in both repositories, or leave the other one out.',
  }),
  DURE_JOIN_OWNER: entry<{ context: string; other: string }>({
    kind: 'misuse',
    about:
      'Two repositories have the inside of one context. A context is one team’s and has one log (Evans, ch. 14: Bounded Context).',
    message: (d) => `It has the context ${d.context}, which ${d.other} has too.`,
    hint: (d) =>
      `Keep context(…) of ${d.context} in one of the two; the other names its contract in elsewhere.`,
  }),
  DURE_JOIN_NOWHERE: entry<{ context: string; known: readonly string[]; near: string | null }>({
    kind: 'misuse',
    about: 'A context is named that no repository of the system has.',
    message: (d) => `No model that was joined has the context ${d.context}.`,
    hint: (d) =>
      d.near === null
        ? `Name the model file of ${d.context} too, by --with. Known are ${d.known.join(', ')}.`
        : `Did you mean ${d.near}?`,
  }),
  DURE_JOIN_RELATION: entry<{ as: string; other: string; from: string }>({
    kind: 'misuse',
    about:
      'Two repositories say different things of how one context stands to another. There is one context map (Evans, ch. 14: Context Map).',
    message: (d) => `It says ${d.as}, and ${d.from} says ${d.other}.`,
    hint: () => 'Agree on one; downstream knows best what it lets in.',
  }),
  DURE_JOIN_CONTRACT: entry<{ context: string; what: string; problem: string; owner: string }>({
    kind: 'misuse',
    about:
      'A repository was written against a contract that the owner of the context does not keep. What it sends is refused, or what it hears cannot be read.',
    message: (d) => `The ${d.what} of ${d.context} ${d.problem}: so says ${d.owner}.`,
    hint: (d) => `Take the present contract package of ${d.context}, or let its owner keep what it promised.`,
  }),
  DURE_CONTRACT_BROKEN: entry<{
    context: string
    what: string
    problem: string
    since: string
    file: string
  }>({
    kind: 'misuse',
    about:
      'A contract breaks what a released version of its package promised. Other repositories are written against that one: what they send would be refused, or what they hear could not be read (Evans, ch. 14: Published Language).',
    message: (d) => `The ${d.what} of ${d.context} ${d.problem}; it was promised in ${d.since}.`,
    hint: (d) =>
      `Keep it, and put what is new beside it under a name of its own. When no repository uses it any more (dure check --with their models), remove it from ${d.file} by hand.`,
  }),
  DURE_CONTRACT_UNRECORDED: entry<{ context: string; file: string }>({
    kind: 'misuse',
    about:
      'A contract in a package of its own promises more than is recorded. Before it is recorded, nothing holds later changes against it. Reported by dure check --strict.',
    message: (d) => `What the contract of ${d.context} promises is not recorded in ${d.file} as it is now.`,
    hint: () => 'Run dure check --record before you pack the contract.',
  }),
  DURE_CONTRACT_SHAPES: entry<{ context: string; found: string; fix: string }>({
    kind: 'misuse',
    about:
      'A contract package is shapes only: contracts, field maps, value objects, schemas. What else it brings would run in every context that uses it.',
    message: (d) => `The contract package of ${d.context} ${d.found}.`,
    hint: (d) => d.fix,
  }),
} as const
