import { entry } from './entry.ts'

const known = (what: string, names: readonly string[]): string =>
  names.length > 0 ? `${what} ${names.join(', ')}.` : ''

/** What `dure check` finds in a model. Reported as findings, never thrown. */
export const modelFindings = {
  DURE_CHECK_EVENT: entry<{ event: string; context: string; owner: string }>({
    kind: 'misuse',
    about:
      'A policy, a view or a publication follows an event that never happens in its context: no aggregate there has it, and no translator there makes it. It would wait for ever. Names belong to one context (Evans, Domain-Driven Design, ch. 14: Bounded Context).',
    message: (d) => `Nothing in ${d.context} makes the event ${d.event}.`,
    hint: (d) =>
      d.owner === ''
        ? `Add the aggregate that has ${d.event} to the parts of ${d.context}, or a translator into it.`
        : `It happens inside ${d.owner}: let ${d.owner} publish it, and follow the event of its contract.`,
  }),
  DURE_CHECK_OWN_EVENT: entry<{ event: string; context: string }>({
    kind: 'misuse',
    about:
      'A context follows its own published events. They are made for others; inside, the inner event says more and needs no edge of the context map.',
    message: (d) => `${d.context} follows ${d.event} of its own contract.`,
    hint: (d) => `Follow the inner event that ${d.event} is published from.`,
  }),
  DURE_CHECK_CONTEXT: entry<{ context: string; what: string; known: readonly string[] }>({
    kind: 'misuse',
    about: 'Something points at a context that is not part of the system.',
    message: (d) => `${d.what} is of ${d.context}, which is not in the system.`,
    hint: (d) => `Add the context ${d.context} to system(…). ${known('In it are', d.known)}`.trim(),
  }),
  DURE_CHECK_PROMISE: entry<{ what: string; context: string; known: readonly string[] }>({
    kind: 'misuse',
    about: 'Something points at a command, query or event that the contract of the context does not promise.',
    message: (d) => `The contract of ${d.context} has no ${d.what}.`,
    hint: (d) => `Import the contract that the system runs. ${known('It has', d.known)}`.trim(),
  }),
  DURE_CHECK_PART: entry<{ command: string; aggregate: string; context: string }>({
    kind: 'misuse',
    about:
      'A policy or a contract uses a command of an aggregate that is not among the parts of its context. A command is carried out where its aggregate lives; another context is reached by its contract (Evans, ch. 14).',
    message: (d) => `${d.command} is not a command of an aggregate of ${d.context}.`,
    hint: (d) =>
      `Add ${d.aggregate} to the parts of ${d.context}, or use a command of one of its own aggregates.`,
  }),
  DURE_CHECK_TRANSLATOR: entry<{ event: string; upstream: string; downstream: string; as: string }>({
    kind: 'misuse',
    about:
      'Under anti-corruption and customer-supplier the words of the upstream context stop at the edge: only a translator names them (Evans, ch. 14: Anticorruption Layer).',
    message: (d) => `${d.downstream} follows ${d.upstream}.${d.event} directly, and its relation is ${d.as}.`,
    hint: (d) =>
      `Translate it: translate(${d.upstream}.events.${d.event}).into(…), and follow the message it makes; or make the relation conformist.`,
  }),
  DURE_CHECK_OPEN_HOST: entry<{ upstream: string }>({
    kind: 'misuse',
    about:
      'An open host serves anyone by its published language (Evans, ch. 14: Open Host Service). A contract without a command, event or query serves nobody.',
    message: (d) => `${d.upstream} is an open host, and its contract promises nothing.`,
    hint: (d) =>
      `Add commands, events or queries to contract('${d.upstream}', …), or choose another relation.`,
  }),
  DURE_CHECK_MAP: entry<{ problem: string; fix: string }>({
    kind: 'misuse',
    about:
      'The context map contradicts itself (Evans, ch. 14: Context Map): a context related to itself, a pair related twice, or a kernel that is not shared.',
    message: (d) => d.problem,
    hint: (d) => d.fix,
  }),
  DURE_CHECK_REF: entry<{ to: string; nearest: string; more: number }>({
    kind: 'misuse',
    about:
      'A ref points at an aggregate that no context of the system has. A name close to it is an error; with none close it is a warning, because the aggregate may live outside the system.',
    message: (d) =>
      `No context has an aggregate ${d.to}${d.more > 0 ? ` (and ${d.more} more refs to it in this context)` : ''}.`,
    hint: (d) =>
      d.nearest === ''
        ? `Add the context that has ${d.to}; keep the ref if ${d.to} lives outside the system.`
        : `Did you mean ${d.nearest}?`,
  }),
  DURE_CHECK_REF_AMBIGUOUS: entry<{ to: string; contexts: readonly string[] }>({
    kind: 'misuse',
    about:
      'Aggregates of two contexts have one name, and refs point at it. Ids of one are taken for ids of the other, by the compiler too (Evans, ch. 14: Bounded Context).',
    message: (d) => `ref('${d.to}') could mean the aggregate of ${d.contexts.join(' or ')}.`,
    hint: () => 'Give one of the aggregates the name that its own context uses for it.',
  }),
  DURE_CHECK_CLASS: entry<{ name: string; first: string; second: string }>({
    kind: 'misuse',
    about:
      'Two value objects or entities of one context have the same name and different fields. Inside a bounded context a word means one thing (Evans, ch. 2: Ubiquitous Language).',
    message: (d) => `${d.name} has other fields in ${d.second} than in ${d.first}.`,
    hint: () => 'Use one class in both places, or name the two for what they are.',
  }),
  DURE_CHECK_EVENT_SHARED: entry<{ event: string; published: string; aggregates: readonly string[] }>({
    kind: 'misuse',
    about:
      'Several aggregates of a context have an event of one name, and it is published under one name: its readers cannot tell whose id a message carries.',
    message: (d) => `${d.published} is published from ${d.event}, which ${d.aggregates.join(' and ')} have.`,
    hint: () => 'Name the events after their aggregates, and publish each under a name of its own.',
  }),
  DURE_CHECK_ACCESS: entry<{ what: string; context: string }>({
    kind: 'misuse',
    about:
      'A system that says of one command or query who may use it says it of all. What nobody decided would be refused to everybody, and forgotten is not the same as forbidden.',
    message: (d) => `Nothing says who may use the ${d.what} of ${d.context}.`,
    hint: () =>
      'Add it to `allow` of .implements({…}), or to the aggregate’s command; `everyone` is a decision too.',
  }),
  DURE_CHECK_ROUTE_TWICE: entry<{ route: string; other: string }>({
    kind: 'misuse',
    about: 'Two routes match the same requests, whatever their parameters are called.',
    message: (d) => `${d.route} matches the same requests as ${d.other}.`,
    hint: () => 'Change the path of one of them.',
  }),
  DURE_CHECK_ROUTE_ELSEWHERE: entry<{ what: string; context: string }>({
    kind: 'misuse',
    about:
      'A route leads to a context whose inside is in another repository. Its processes have its routes: there the caller is known, and who may is decided.',
    message: (d) =>
      `The ${d.what} is of ${d.context}, which is in another repository and answers for itself.`,
    hint: (d) =>
      `Declare the route where ${d.context} is, or lead it to a query of a context here that asks ${d.context}.`,
  }),
  DURE_CHECK_ROUTE_PARAMETER: entry<{ parameter: string; target: string; known: readonly string[] }>({
    kind: 'misuse',
    about: 'A parameter of a route fills the field of its name, and the target has no such field.',
    message: (d) => `${d.target} has no field ${d.parameter}.`,
    hint: (d) => known('Its fields are', d.known) || 'Remove the parameter: the target takes no fields.',
  }),
} as const

/** What `dure check` finds in the files of a system. Reported as findings, never thrown. */
export const sourceFindings = {
  DURE_SOURCE_UNREADABLE: entry<{ reason: string }>({
    kind: 'misuse',
    about:
      'A file cannot be read as TypeScript that Node runs by stripping types, so its imports are not known.',
    message: (d) => `The file cannot be read: ${d.reason}`,
    hint: () => 'Correct its syntax; enums, namespaces and `import x = require()` are not erasable.',
  }),
  DURE_SOURCE_LAYER: entry<{ import: string; layer: string; found: string }>({
    kind: 'misuse',
    about:
      'Arrows between the layers of a context point one way: api (user interface) to app (application) to domain; infrastructure supports the others and is wired outside of them (Evans, ch. 4: Layered Architecture).',
    message: (d) => `A file of ${d.layer} imports ${d.import}, which is ${d.found}.`,
    hint: () => 'Turn the arrow: let the outer layer import the inner one and hand over what it needs.',
  }),
  DURE_SOURCE_DOMAIN: entry<{ part: string; import: string; reason: string; fix: string }>({
    kind: 'misuse',
    about:
      'The domain depends on nothing but itself: `dure`, pure libraries, its own contract and the shared kernels of the context map. Then it can be read, tested and moved alone (Evans, ch. 4: isolating the domain).',
    message: (d) => `The ${d.part} imports ${d.import}: ${d.reason}`,
    hint: (d) => d.fix,
  }),
  DURE_SOURCE_INSIDE: entry<{ import: string; context: string; other: string }>({
    kind: 'misuse',
    about:
      'The inside of a context belongs to it alone; its contract is all that another context may import (Evans, ch. 14: Bounded Context).',
    message: (d) => `${d.context} imports ${d.import}, the inside of ${d.other}.`,
    hint: (d) => `Import the contract of ${d.other}, and add to it what is missing.`,
  }),
  DURE_SOURCE_EDGE: entry<{ import: string; context: string; other: string }>({
    kind: 'misuse',
    about: 'A context imports the contract of another, and the context map has no edge from it to that one.',
    message: (d) => `${d.context} imports the contract of ${d.other}, and no relation allows it.`,
    hint: (d) =>
      `Add { upstream: ${d.other}, downstream: ${d.context}, as: '…' } to the map of the system, or remove the import.`,
  }),
  DURE_SOURCE_KERNEL: entry<{ import: string; context: string; between: readonly string[] }>({
    kind: 'misuse',
    about:
      'A shared kernel is shared by those who agreed to share it; whoever changes it asks them all (Evans, ch. 14: Shared Kernel).',
    message: (d) => `${d.context} imports ${d.import}, a kernel shared between ${d.between.join(', ')}.`,
    hint: (d) => `Add ${d.context} to \`between\` of the shared kernel, or remove the import.`,
  }),
  DURE_SOURCE_CONTRACT: entry<{ import: string; context: string }>({
    kind: 'misuse',
    about:
      'A contract is shapes only. What it imports from the inside of its context, every reader of the contract imports too.',
    message: (d) => `The contract of ${d.context} imports ${d.import} from its inside.`,
    hint: () => 'Declare the shape in the contract, and let the domain import it from there.',
  }),
  DURE_SOURCE_HOME: entry<{ context: string; reason: string; fix: string }>({
    kind: 'misuse',
    about:
      'The files of a context are found by where its contract and its context(…) are exported from. Without a folder of its own, nothing tells whose file is whose.',
    message: (d) => `The files of ${d.context} cannot be told: ${d.reason}`,
    hint: (d) => d.fix,
  }),
  DURE_SOURCE_EXPECTATIONS: entry<{ customer: string; supplier: string; file: string; missing: string }>({
    kind: 'misuse',
    about:
      'In a customer-supplier relation the customer writes down what it expects, and the supplier runs it in its own suite (Evans, ch. 14: Customer/Supplier Development Teams).',
    message: (d) => d.missing,
    hint: (d) =>
      `Export the expectations of ${d.customer} from ${d.file}, and import that file in a test of ${d.supplier}.`,
  }),
  DURE_SOURCE_UNUSED_PART: entry<{ part: string; export: string; context: string }>({
    kind: 'misuse',
    about:
      'A policy, a view, a translator or an aggregate is exported in the folder of a context, and no context(…) lists it. What is not among the parts of a context is no part of the system: it compiles, and nothing ever runs it.',
    message: (d) => `The ${d.part} ${d.export} is listed in no context, so nothing runs it.`,
    hint: (d) => `Add ${d.export} to the parts of context(${d.context}, […]), or delete it.`,
  }),
} as const
