import type { Variable } from './variable.ts'

/** Who callers are: users by an OpenID Connect provider, services by their keys. */
export const identityVariables = {
  OIDC_ISSUER: httpsUrl('the OpenID Connect provider that users sign in with, as in the claim iss'),
  OIDC_AUDIENCE: given('what stands in the claim aud of tokens for this system'),
  OIDC_JWKS_URI: httpsUrl('where the keys of the provider are; found by its discovery when absent'),
  OIDC_ACTOR: given('the claim that says who acts; sub when absent'),
  OIDC_ROLES: given('the claim with the roles, such as realm_access.roles; roles when absent'),
  OIDC_TENANT: given('the claim with the tenant; without it there are no tenants'),
  DURE_SERVICE_KEY: {
    ...json('the private Ed25519 key of this process, as JSON Web Key, to call other contexts with'),
    secret: true,
  },
  DURE_SERVICE_PEERS: json('public keys of the contexts that may call, as JSON: {"Ordering": {…}}'),
  DURE_IDENTITY: nothing('none, where all callers are to be anonymous in production'),
} as const

type Optional<T> = Variable<T | undefined>

function given(about: string): Optional<string> {
  return { about, fallback: undefined, read: (text) => text }
}

function nothing(about: string): Optional<'none'> {
  return {
    about,
    fallback: undefined,
    read: (text) => (text === 'none' ? text : { wrong: `expected none, found "${text}"` }),
  }
}

function httpsUrl(about: string): Optional<string> {
  return {
    about,
    fallback: undefined,
    read: (text) =>
      URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)
        ? text
        : { wrong: 'expected an URL such as https://id.example/realms/shop' },
  }
}

// What is wrong with it is not repeated: it may be a private key.
function json(about: string): Optional<Readonly<Record<string, unknown>>> {
  return {
    about,
    fallback: undefined,
    read(text) {
      try {
        const it: unknown = JSON.parse(text)
        if (typeof it === 'object' && it !== null && !Array.isArray(it)) return it as Record<string, unknown>
      } catch {
        // told below
      }
      return { wrong: 'expected a JSON object' }
    },
  }
}
