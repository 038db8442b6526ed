import type { JWTVerifyGetKey } from 'jose'
import { fault } from '../kernel/errors/fault.ts'
import type { World } from '../kernel/world.ts'
import { actorIn, rolesIn, tenantIn } from './claims.ts'
import { fetchJson, problem } from './fetch-json.ts'
import type { Identity, TokenVerifier } from './identity.ts'
import { KeySet, keyTimes, type KeyTimes } from './key-set.ts'
import { loadJose, type Jose } from './load-jose.ts'
import { refusalOf } from './refusal.ts'
import { isDureError } from '../kernel/error.ts'

/** How end users sign in: with tokens of an OpenID Connect provider. */
export interface OidcOptions {
  /** Its URL, exactly as in the claim `iss`. */
  readonly issuer: string
  /** What stands in the claim `aud` of tokens for this system; any of them will do. */
  readonly audience: string | readonly string[]
  /** Where its keys are; found through `/.well-known/openid-configuration` when absent. */
  readonly jwksUri?: string
  /** The claim that says who acts: `sub` when absent. */
  readonly actor?: string
  /** The claim with the roles, a path such as `realm_access.roles`: `roles` when absent. */
  readonly roles?: string
  /** The claim with the tenant; a token without it is refused. Without a name, there are no tenants. */
  readonly tenant?: string
  /** Ways to sign that are accepted, public-key ones only: RS256 to PS512, ES256 to ES512 and EdDSA when absent. */
  readonly algorithms?: readonly string[]
  /** How far clocks may differ, in seconds: 60. */
  readonly clockToleranceSeconds?: number
  /** Accepts an issuer without TLS that is not on this machine, for development. */
  readonly allowHttp?: boolean
  readonly keys?: Partial<KeyTimes>
}

// With a public key anybody could "sign" in the symmetric ways, and `none` is signed by nobody: neither can be asked for.
const asymmetric: readonly string[] =
  'RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed25519'.split(' ')

/**
 * Users by tokens of an OpenID Connect provider, sent as `authorization: Bearer`: JWTs (RFC 9068, RFC 8725) whose signature,
 * issuer, audience and times are checked against the provider's published keys.
 * @throws DURE_IDENTITY_INVALID
 */
export function oidc(options: OidcOptions): Identity {
  check(options)
  return {
    name: 'user',
    scheme: {
      type: 'openIdConnect',
      openIdConnectUrl: discoveryOf(options.issuer),
      description: 'A token of the identity provider, as `authorization: Bearer`.',
    },
    async start(world) {
      const jose = await loadJose('identity')
      const locate = async (): Promise<string> => options.jwksUri ?? (await discover(options, world))
      const keys = new KeySet(options.issuer, locate, world, jose, { ...keyTimes, ...options.keys })
      await keys.warm()
      return verifier(options, world, jose, keys)
    },
  }
}

function verifier(options: OidcOptions, world: World, jose: Jose, keys: KeySet): TokenVerifier {
  const { issuer, audience, actor = 'sub', roles = 'roles', tenant } = options
  const { algorithms = asymmetric, clockToleranceSeconds = 60 } = options
  const find: JWTVerifyGetKey = (header, token) => keys.find(header, token)
  const rules = {
    issuer,
    audience: typeof audience === 'string' ? audience : [...audience],
    algorithms: [...algorithms],
    clockTolerance: clockToleranceSeconds,
    requiredClaims: ['exp', 'iss', 'aud'],
  }
  return {
    kind: 'token',
    claims: (token) => token.issuer === issuer && token.type !== 'dure-service+jwt',
    async verify(token) {
      const { payload } = await jose
        .jwtVerify(token, find, { ...rules, currentDate: world.now() })
        .catch((error: unknown) => {
          throw isDureError(error) ? error : refusalOf(error, jose)
        })
      const caller = {
        actor: actorIn(payload, actor),
        tenant: tenantIn(payload, tenant),
        roles: rolesIn(payload, roles),
      }
      return { caller, until: new Date((payload.exp as number) * 1000) }
    },
  }
}

function discoveryOf(issuer: string): string {
  return `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
}

// OpenID Connect Discovery 1.0 §4.3: the document must be of the issuer that was asked for.
async function discover({ issuer, allowHttp }: OidcOptions, world: World): Promise<string> {
  const url = discoveryOf(issuer)
  const found = (await fetchJson(url, world)) as {
    readonly issuer?: unknown
    readonly jwks_uri?: unknown
  } | null
  if (found?.issuer !== issuer) throw problem(url, 'it is about another issuer')
  const { jwks_uri: uri } = found
  if (typeof uri !== 'string' || urlProblem(uri, allowHttp) !== undefined) {
    throw problem(url, 'it names no address of its keys that could be believed')
  }
  return uri
}

function check({
  issuer,
  audience,
  jwksUri,
  algorithms = [],
  allowHttp,
  clockToleranceSeconds = 0,
}: OidcOptions) {
  const issuerProblem = urlProblem(issuer, allowHttp)
  if (issuerProblem !== undefined) wrong('the issuer', issuerProblem)
  const keysProblem = jwksUri === undefined ? undefined : urlProblem(jwksUri, allowHttp)
  if (keysProblem !== undefined) wrong('the address of the keys', keysProblem)
  const audiences = typeof audience === 'string' ? [audience] : (audience ?? [])
  if (audiences.length === 0 || audiences.includes('')) {
    wrong('the audience', 'it is empty, and tokens for other services would be taken')
  }
  const symmetric = algorithms.find((it) => !asymmetric.includes(it))
  if (symmetric !== undefined) {
    wrong(`the algorithm ${JSON.stringify(symmetric)}`, `it is none of ${asymmetric.join(', ')}`)
  }
  if (!(clockToleranceSeconds >= 0 && clockToleranceSeconds <= 600)) {
    wrong('the tolerance of clocks', 'it has to be from 0 to 600 seconds')
  }
}

function wrong(what: string, reason: string): never {
  throw fault('DURE_IDENTITY_INVALID', { what, reason })
}

function urlProblem(text: string, allowHttp = false): string | undefined {
  if (!URL.canParse(text)) return 'it is no URL'
  const { protocol, hostname, username } = new URL(text)
  if (username !== '') return 'it has credentials in it'
  const here = hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.')
  if (protocol === 'https:' || (protocol === 'http:' && (here || allowHttp))) return undefined
  return 'it is not https, so anybody on the way could give out keys'
}
