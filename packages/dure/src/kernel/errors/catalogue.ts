import { domainErrors } from './domain.ts'
import { storeErrors } from './store.ts'

/** Every code that Dure can raise. A code is never reused. */
export const catalogue = { ...domainErrors, ...storeErrors } as const

export type ErrorCode = keyof typeof catalogue
