import { entry } from './entry.ts'

/** Errors of the HTTP edge. */
export const httpErrors = {
  DURE_HTTP_ROUTE: entry<{ method: string; path: string }>({
    kind: 'missing',
    about: 'No route of the system answers this method and path.',
    message: (d) => `Nothing answers ${d.method} ${d.path}.`,
    hint: () => 'See /openapi.json for what does.',
  }),
} as const
