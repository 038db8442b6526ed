import type { FastifyInstance } from 'fastify'
import type { Identity } from '../identity/identity.ts'
import type { System } from '../model/system.ts'
import { openApiOf, type OpenApi } from './openapi/openapi.ts'
import { referencePage } from './reference-page.ts'

export const DOCUMENTS: readonly string[] = ['/openapi.json', '/reference']

// The page has no script and loads nothing; the browser holds it to that.
const PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

/** Answers `/openapi.json`, and `/reference`: the same for people, without any other host. */
export function answerDocuments(
  server: FastifyInstance,
  system: System,
  version?: string,
  identities?: readonly Identity[],
): void {
  let made: { readonly document: OpenApi; readonly text: string } | undefined
  const once = () => {
    if (made === undefined) {
      const document = openApiOf(system, version, identities)
      made = { document, text: JSON.stringify(document) }
    }
    return made
  }
  server.get('/openapi.json', (_, reply) =>
    reply
      .headers({ 'content-type': 'application/json; charset=utf-8', 'x-content-type-options': 'nosniff' })
      .send(once().text),
  )
  server.get('/reference', (request, reply) => {
    const host = /^[\w.:[\]-]{1,255}$/.test(request.host) ? request.host : 'localhost'
    return reply
      .headers({
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': PAGE_POLICY,
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
      })
      .send(referencePage(once().document, `${request.protocol}://${host}`))
  })
}
