import { appErrors } from './app.ts'
import { cliErrors } from './cli.ts'
import { domainErrors } from './domain.ts'
import { hostErrors } from './host.ts'
import { httpErrors } from './http.ts'
import { identityErrors } from './identity.ts'
import { jobErrors } from './jobs.ts'
import { persistenceErrors } from './persistence.ts'
import { remoteErrors } from './remote/remote-errors.ts'
import { repositoryErrors } from './remote/repository-errors.ts'
import { resourceErrors } from './resources.ts'
import { storeErrors } from './store.ts'
import { transportErrors } from './transport.ts'

/** Every code that Dure can raise. A code is never reused. */
export const catalogue = {
  ...domainErrors,
  ...persistenceErrors,
  ...storeErrors,
  ...transportErrors,
  ...appErrors,
  ...remoteErrors,
  ...jobErrors,
  ...resourceErrors,
  ...httpErrors,
  ...identityErrors,
  ...hostErrors,
  ...cliErrors,
  ...repositoryErrors,
} as const

export type ErrorCode = keyof typeof catalogue
