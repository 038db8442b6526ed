import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { createAuthenticator } from '../identity/authenticator.ts'
import type { Identity } from '../identity/identity.ts'
import { ANONYMOUS, type Caller } from '../kernel/caller.ts'
import type { World } from '../kernel/world.ts'
import { word, words } from './request-headers.ts'

/** Tells who requests are from. */
export interface Callers {
  /** Resolves when it can; rejects where it never will. */
  readonly ready: Promise<unknown>
  /** Who a request to a context is from. @throws DURE_CREDENTIALS_REFUSED, DURE_IDENTITY_UNAVAILABLE */
  of(request: IncomingMessage, context: string): Caller | Promise<Caller>
}

const anonymous: Caller = { actor: ANONYMOUS, tenant: '' }
const developer: Caller = { ...anonymous, trusted: true }

/**
 * With an identity, only what it believes counts. Without one everybody is anonymous; in development, where there is nobody
 * else, the developer is let do everything, and may try out others by headers.
 */
export function callersOf(
  identities: readonly Identity[] | undefined,
  development: boolean,
  world: World,
): Callers {
  if (identities !== undefined) {
    const { ready, authenticate } = createAuthenticator(identities, world)
    return { ready, of: authenticate }
  }
  const ready = Promise.resolve()
  return { ready, of: development ? ({ headers }) => named(headers) : () => anonymous }
}

function named(headers: IncomingHttpHeaders): Caller {
  const actor = word(headers, 'dure-actor')
  const tenant = word(headers, 'dure-tenant')
  const roles = words(headers, 'dure-roles')
  if (actor === undefined && tenant === undefined && roles === undefined) return developer
  const service = word(headers, 'dure-service')
  const who = { actor: actor ?? ANONYMOUS, tenant: tenant ?? '', ...(service !== undefined && { service }) }
  return roles === undefined ? { ...who, trusted: true } : { ...who, roles }
}
