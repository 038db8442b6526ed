import type { AccessRule } from '../../domain/access/access.ts'
import type { Identity } from '../../identity/identity.ts'
import type { JsonObject } from '../../kernel/json.ts'
import { accessDecisions } from '../../model/access/decisions.ts'
import { inWords } from '../../model/access/in-words.ts'
import type { System } from '../../model/system.ts'
import type { Endpoint } from '../endpoint.ts'
import { problemResponses } from './openapi-fixed.ts'

type Schemes = Readonly<Record<string, JsonObject>>

/** What an operation says of who may use it. */
export interface OperationSecurity {
  readonly description?: string
  readonly security?: readonly JsonObject[]
  readonly responses: Readonly<Record<string, JsonObject>>
}

// Which provider it will be, the model does not know; that there is one, it does.
const anyProvider: Schemes = { user: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } }

/** The security schemes of a document: those of the identities, or where the model alone is known, that there are tokens. */
export function schemesOf(identities: readonly Identity[] | undefined): Schemes {
  if (identities === undefined) return anyProvider
  return Object.fromEntries(
    identities.flatMap(({ name, scheme }) => (scheme === undefined ? [] : [[name, scheme]])),
  )
}

/** What each operation says of who may use it; nothing at all where the system does not say it. */
export function securityOf(system: System, schemes: Schemes): (it: Endpoint) => OperationSecurity {
  const rules = new Map<string, AccessRule>()
  for (const { context, kind, name, allow } of accessDecisions(system)) {
    if (allow !== undefined) rules.set(`${kind} ${context}.${name}`, allow)
  }
  const required = Object.keys(schemes).map((name) => ({ [name]: [] }))
  return (it) => {
    const rule = rules.get(`${it.kind} ${it.context}.${it.name}`)
    if (rule === undefined) return { responses: {} }
    if (rule.kind === 'everyone') return { security: [], responses: {} }
    const description = `For ${inWords(rule)}.`
    return { description, security: required, responses: problemResponses(['401', '403']) }
  }
}
