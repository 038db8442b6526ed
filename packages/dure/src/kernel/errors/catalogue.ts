import { appErrors } from './app.ts'
import { cliErrors } from './cli.ts'
import { domainErrors } from './domain.ts'
import { hostErrors } from './host.ts'
import { httpErrors } from './http.ts'
import { persistenceErrors } from './persistence.ts'
import { storeErrors } from './store.ts'
import { transportErrors } from './transport.ts'

/** Every code that Dure can raise. A code is never reused. */
export const catalogue = {
  ...domainErrors,
  ...persistenceErrors,
  ...storeErrors,
  ...transportErrors,
  ...appErrors,
  ...httpErrors,
  ...hostErrors,
  ...cliErrors,
} as const

export type ErrorCode = keyof typeof catalogue
