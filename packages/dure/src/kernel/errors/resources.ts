import { entry } from './entry.ts'

/** Errors of attached backing services. */
export const resourceErrors = {
  DURE_RESOURCE_UNAVAILABLE: entry<{ resource: string; reason: string }>({
    kind: 'unavailable',
    about:
      'A backing service does not answer, answers that it cannot, or is not asked for a while because it has failed several times in a row.',
    message: (d) => `${d.resource} cannot be used: ${d.reason}.`,
    hint: () => 'Try again; if it stays, look at the service, and at the variable that its URL is in.',
  }),
  DURE_RESOURCE_REFUSED: entry<{ resource: string; reason: string }>({
    kind: 'misuse',
    about:
      'A backing service understood what it was asked and refused it: another name, right or statement is needed.',
    message: (d) => `${d.resource} refused: ${d.reason}.`,
    hint: () => 'Look at what is asked and with which credentials; asking again changes nothing.',
  }),
  DURE_RESOURCE_INPUT: entry<{ resource: string; reason: string }>({
    kind: 'misuse',
    about: 'A backing service was handed something that it cannot take: an empty key, no time to live.',
    message: (d) => `${d.resource} was handed something that it cannot take: ${d.reason}.`,
    hint: () => 'Change the call; nothing was sent.',
  }),
  DURE_RESOURCE_UNATTACHED: entry<{ where: string; name: string }>({
    kind: 'misuse',
    about:
      'Something asks for settings or a backing service that its context does not list among its parts, or that nobody has attached to the host.',
    message: (d) => `${d.where} has nothing attached for ${d.name}.`,
    hint: () =>
      'Add it to the parts of the context. run(…) attaches by the environment; createHost(…) takes attached: standIns(system) in tests.',
  }),
} as const
