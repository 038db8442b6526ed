import { ANONYMOUS, type Caller } from '../kernel/caller.ts'
import type { World } from '../kernel/world.ts'
import { bearerOf, unverified } from './bearer.ts'
import type { Identity, PeerVerifier, Presented, TokenVerifier } from './identity.ts'
import { refused } from './refusal.ts'
import { VerifiedTokens } from './verified-tokens.ts'

const anonymous: Caller = { actor: ANONYMOUS, tenant: '' }

/** Tells who requests are from. */
export interface Authenticator {
  /** Resolves when it can. @throws DURE_STORE_DRIVER_MISSING, DURE_IDENTITY_INVALID */
  readonly ready: Promise<unknown>
  /**
   * Who a request to a context is from: `anonymous` where it says nothing.
   * @throws DURE_CREDENTIALS_REFUSED, DURE_IDENTITY_UNAVAILABLE, DURE_HTTP_HEADER
   */
  readonly authenticate: (request: Presented, context: string) => Promise<Caller>
}

/** Starts the ways to say who one is. Which of them a token belongs to, it says itself, and that way then checks it. */
export function createAuthenticator(identities: readonly Identity[], world: World): Authenticator {
  const verified = new VerifiedTokens(world)
  const ready = Promise.all(identities.map((it) => it.start(world)))
  // Whoever waits for it hears of it; nobody may be waiting yet.
  ready.catch(() => undefined)
  return {
    ready,
    async authenticate(request, context) {
      const verifiers = await ready
      const service = serviceOf(verifiers, request)
      const token = bearerOf(request)
      if (token === undefined) return service === undefined ? anonymous : onItsOwn(service)
      const { caller } = await verified.get(token, context, () =>
        verifierOf(verifiers, token).verify(token, context),
      )
      if (service === undefined) return caller
      if (caller.service !== undefined && caller.service !== service) {
        throw refused('the certificate is of another service than the token')
      }
      return { ...caller, service }
    },
  }
}

// The token itself says whose it is. It may lie: each verifier knows its issuer and keys, so a lie is refused there.
function verifierOf(verifiers: readonly (TokenVerifier | PeerVerifier)[], token: string): TokenVerifier {
  const about = unverified(token)
  const found = verifiers.find((it): it is TokenVerifier => it.kind === 'token' && it.claims(about))
  if (found !== undefined) return found
  throw refused('the token is of an issuer that is not trusted here')
}

function serviceOf(
  verifiers: readonly (TokenVerifier | PeerVerifier)[],
  request: Presented,
): string | undefined {
  for (const it of verifiers) {
    const service = it.kind === 'peer' ? it.service(request) : undefined
    if (service !== undefined) return service
  }
  return undefined
}

/** A service that acts for nobody but itself. */
function onItsOwn(service: string): Caller {
  return { actor: `service:${service}`, tenant: '', service }
}
