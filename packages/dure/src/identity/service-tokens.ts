import type { CryptoKey, JWK, JWTPayload, JWTVerifyGetKey } from 'jose'
import type { Caller } from '../kernel/caller.ts'
import { isDureError } from '../kernel/error.ts'
import { fault } from '../kernel/errors/fault.ts'
import type { World } from '../kernel/world.ts'
import { rolesIn } from './claims.ts'
import type { Identity, TokenVerifier, Verified } from './identity.ts'
import { loadJose, type Jose } from './load-jose.ts'
import { refusalOf, refused } from './refusal.ts'

/** A key as JSON Web Key (RFC 7517). */
export type Key = Readonly<Record<string, unknown>>

/** How services know one another: each signs what it asks with a key of its own. */
export interface ServiceTokensOptions {
  /** The private Ed25519 key of this process; without one it only checks what others sign. */
  readonly key?: Key
  /** Which context speaks where none does: a script or an edge in front of the contexts. */
  readonly name?: string
  /** The public keys of the contexts; several while a key is replaced. */
  readonly peers: Readonly<Record<string, Key | readonly Key[]>>
  /** How far clocks may differ, in seconds: 60. */
  readonly clockToleranceSeconds?: number
}

/** Says who this process is to others that it calls. */
export interface ServiceIdentity {
  /**
   * What goes with a call to a context: which context of this process asks, and for whom.
   * @throws DURE_IDENTITY_INVALID
   */
  headersFor(audience: string, caller: Caller): Promise<Readonly<Record<string, string>>>
}

/** Both sides of service tokens. */
export interface ServiceTokens extends Identity {
  /** Signs what this process asks of others. @throws DURE_IDENTITY_INVALID without a key */
  signer(world: World): Promise<ServiceIdentity>
}

const TYPE = 'dure-service+jwt'
const LIFE_SECONDS = 60
const REUSE_MS = 20_000
const MOST = 1000

/**
 * Services by tokens that they sign for one callee and one minute: who asks, and on whose behalf, with the tenant and roles
 * of that one. A context believes what another says of its users, so the keys of services are to be kept like its own.
 */
export function serviceTokens(options: ServiceTokensOptions): ServiceTokens {
  const { clockToleranceSeconds = 60 } = options
  return {
    name: 'service',
    scheme: {
      type: 'http',
      scheme: 'bearer',
      bearerFormat: 'JWT',
      description: 'A token that a service signed.',
    },
    async start(world) {
      const jose = await loadJose('identity')
      return verifier(await peersOf(options.peers, jose), clockToleranceSeconds, world, jose)
    },
    async signer(world) {
      const jose = await loadJose('identity')
      if (options.key === undefined) throw wrong('the key of this process', 'there is none to sign with')
      const key = await importKey(options.key, 'the key of this process', jose, 'd')
      return signer(options, key, world, jose)
    },
  }
}

interface Signing {
  readonly key: CryptoKey
  readonly kid: string
}

function signer(
  { name }: ServiceTokensOptions,
  { key, kid }: Signing,
  world: World,
  jose: Jose,
): ServiceIdentity {
  const made = new Map<string, { readonly headers: Record<string, string>; readonly until: number }>()
  return {
    async headersFor(audience, caller) {
      const service = caller.service ?? name
      if (service === undefined) throw wrong('a call', `nothing says which context asks ${audience}`)
      const { actor, tenant, roles = [], trusted = false } = caller
      const same = JSON.stringify([audience, service, actor, tenant, roles, trusted])
      const now = world.now().getTime()
      const known = made.get(same)
      if (known !== undefined && now < known.until) return known.headers
      const seconds = Math.floor(now / 1000)
      const token = await new jose.SignJWT({ actor, tenant, roles, ...(trusted && { trusted }) })
        .setProtectedHeader({ alg: 'EdDSA', kid, typ: TYPE })
        .setIssuer(service)
        .setSubject(service)
        .setAudience(audience)
        .setIssuedAt(seconds)
        .setExpirationTime(seconds + LIFE_SECONDS)
        .sign(key)
      const headers = { authorization: `Bearer ${token}` }
      if (made.size >= MOST) made.clear()
      made.set(same, { headers, until: now + REUSE_MS })
      return headers
    },
  }
}

interface Peer {
  readonly service: string
  readonly key: CryptoKey
}

function verifier(
  peers: ReadonlyMap<string, Peer>,
  clockTolerance: number,
  world: World,
  jose: Jose,
): TokenVerifier {
  const find: JWTVerifyGetKey = async ({ kid }, { payload }) => {
    const peer = peers.get(kid ?? '')
    if (peer === undefined) throw refused('the token is signed by no service that is known here')
    // A right signature says which key it is of; whose name stands in the token is another matter.
    const { iss } = JSON.parse(Buffer.from(payload as string, 'base64url').toString()) as JWTPayload
    if (iss !== peer.service) throw refused('the token is signed by the key of another service')
    return peer.key
  }
  return {
    kind: 'token',
    claims: ({ type }) => type === TYPE,
    async verify(token, context) {
      const rules = {
        algorithms: ['EdDSA', 'Ed25519'],
        typ: TYPE,
        audience: context,
        clockTolerance,
        maxTokenAge: LIFE_SECONDS,
        requiredClaims: ['exp', 'iat', 'iss', 'sub', 'aud'],
        currentDate: world.now(),
      }
      const { payload } = await jose.jwtVerify(token, find, rules).catch((error: unknown) => {
        throw isDureError(error) ? error : refusalOf(error, jose)
      })
      return verifiedOf(payload)
    },
  }
}

function verifiedOf(payload: JWTPayload): Verified {
  const { iss, sub, actor, tenant } = payload
  if (iss !== sub) throw refused('the token names two services')
  if (typeof actor !== 'string' || actor === '' || typeof tenant !== 'string') {
    throw refused('the token does not say on whose behalf it is')
  }
  const trusted = payload['trusted'] === true
  const service = iss as string
  const caller: Caller = {
    actor,
    tenant,
    roles: rolesIn(payload, 'roles'),
    service,
    ...(trusted && { trusted }),
  }
  return { caller, until: new Date((payload.exp as number) * 1000) }
}

async function peersOf(peers: ServiceTokensOptions['peers'], jose: Jose): Promise<ReadonlyMap<string, Peer>> {
  const all = Object.entries(peers).flatMap(([service, keys]) =>
    (Array.isArray(keys) ? (keys as Key[]) : [keys as Key]).map((key) => ({ service, key })),
  )
  const known = new Map<string, Peer>()
  for (const { service, key: given } of all) {
    const { kid, key } = await importKey(given, `the public key of ${service}`, jose, 'x')
    const other = known.get(kid)
    if (other !== undefined && other.service !== service) {
      throw wrong(`the public key of ${service}`, `it is that of ${other.service} as well`)
    }
    known.set(kid, { service, key })
  }
  return known
}

// The name of a key is its thumbprint (RFC 7638), so nobody has to hand out names.
async function importKey(given: Key, what: string, jose: Jose, part: 'd' | 'x'): Promise<Signing> {
  const { kty, crv, x, d } = given
  if (kty !== 'OKP' || crv !== 'Ed25519' || typeof x !== 'string')
    throw wrong(what, 'it is no Ed25519 key as JWK')
  if (part === 'd' && typeof d !== 'string')
    throw wrong(what, 'it is the public key, and the private one is needed')
  const jwk = { kty, crv, x, ...(part === 'd' && { d }) } as JWK
  try {
    const key = (await jose.importJWK(jwk, 'EdDSA')) as CryptoKey
    return { key, kid: await jose.calculateJwkThumbprint({ kty, crv, x }) }
  } catch (error) {
    throw fault('DURE_IDENTITY_INVALID', { what, reason: 'it is not a whole key' }, error)
  }
}

function wrong(what: string, reason: string): Error {
  return fault('DURE_IDENTITY_INVALID', { what, reason })
}
