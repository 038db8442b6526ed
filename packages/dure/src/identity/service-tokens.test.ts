import { beforeEach, describe, expect, test } from 'vitest'
import { generateKeyPairSync, createHmac } from 'node:crypto'
import { importJWK, SignJWT, type CryptoKey } from 'jose'
import type { Caller } from '../kernel/caller.ts'
import { isDureError } from '../kernel/error.ts'
import { testWorld, type TestWorld } from '../testing/test-world.ts'
import type { TokenVerifier } from './identity.ts'
import { serviceTokens, type Key } from './service-tokens.ts'

interface Pair {
  readonly key: Key
  readonly public: Key
}

function pair(): Pair {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  return { key: privateKey.export({ format: 'jwk' }), public: publicKey.export({ format: 'jwk' }) }
}

const ordering = pair()
const catalog = pair()
const peers = { Ordering: ordering.public, Catalog: catalog.public }
const caller: Caller = { actor: 'kim', tenant: 'acme', roles: ['clerk'], service: 'Ordering' }

let world: TestWorld
let verifier: TokenVerifier
beforeEach(async () => {
  world = testWorld()
  verifier = (await serviceTokens({ peers }).start(world)) as TokenVerifier
})

async function tokenOf(audience: string, who: Caller = caller, key = ordering.key): Promise<string> {
  const signer = await serviceTokens({ key, peers }).signer(world)
  const { authorization = '' } = await signer.headersFor(audience, who)
  return authorization.replace('Bearer ', '')
}

async function told(token: string, context = 'Inventory'): Promise<unknown> {
  try {
    return (await verifier.verify(token, context)).caller
  } catch (error) {
    if (!isDureError(error)) throw error
    return `${error.code} ${error.details['reason'] as string}`
  }
}

const refused = (reason: string): unknown => expect.stringMatching(`^DURE_CREDENTIALS_REFUSED .*${reason}`)

/** A token as a service could make it that keeps to no rule. */
async function forged(claims: object, header: object = {}, key: Key = ordering.key): Promise<string> {
  const seconds = world.now().getTime() / 1000
  const { kid } = JSON.parse(
    Buffer.from((await tokenOf('Inventory', caller, key)).split('.')[0] as string, 'base64url').toString(),
  ) as { kid: string }
  const base = { iss: 'Ordering', sub: 'Ordering', aud: 'Inventory', actor: 'kim', tenant: '', roles: [] }
  return new SignJWT({ ...base, iat: seconds, exp: seconds + 60, ...claims })
    .setProtectedHeader({ alg: 'EdDSA', kid, typ: 'dure-service+jwt', ...header })
    .sign((await importJWK(key as never, 'EdDSA')) as CryptoKey)
}

describe('a token of a service', () => {
  test('says which context asks, and on whose behalf', async () => {
    expect(await told(await tokenOf('Inventory'))).toEqual(caller)
    const onItsOwn = { actor: 'policy:reserve', tenant: '', service: 'Ordering' }
    expect(await told(await tokenOf('Inventory', onItsOwn))).toEqual({ ...onItsOwn, roles: [] })
    const script = { ...onItsOwn, trusted: true }
    expect(await told(await tokenOf('Inventory', script))).toMatchObject({ trusted: true })
  })

  test('is for one callee', async () => {
    expect(await told(await tokenOf('Inventory'), 'Catalog')).toEqual(refused('not for this service'))
  })

  test('ends after a minute, clocks differing by another', async () => {
    const token = await tokenOf('Inventory')
    world.advance(119_000)
    expect(await told(token)).toEqual(caller)
    world.advance(2000)
    expect(await told(token)).toEqual(refused('has expired, by the clock'))
  })

  test('of a clock that is minutes ahead or behind is refused, and told so', async () => {
    const signer = testWorld({ now: new Date(world.now().getTime() + 180_000) })
    const ahead = await (
      await serviceTokens({ key: ordering.key, peers }).signer(signer)
    ).headersFor('Inventory', caller)
    expect(await told(ahead['authorization']?.slice(7) ?? '')).toEqual(refused('a clock that is ahead'))
    signer.advance(-360_000)
    const behind = await (
      await serviceTokens({ key: ordering.key, peers }).signer(signer)
    ).headersFor('Inventory', caller)
    expect(await told(behind['authorization']?.slice(7) ?? '')).toEqual(refused('has expired, by the clock'))
  })

  test('is made once for many calls of one caller, and anew before it ends', async () => {
    const signer = await serviceTokens({ key: ordering.key, peers }).signer(world)
    const first = await signer.headersFor('Inventory', caller)
    expect(await signer.headersFor('Inventory', { ...caller })).toBe(first)
    expect(await signer.headersFor('Inventory', { ...caller, actor: 'lee' })).not.toEqual(first)
    expect(await signer.headersFor('Catalog', caller)).not.toEqual(first)
    world.advance(20_000)
    expect(await signer.headersFor('Inventory', caller)).not.toEqual(first)
  })
})

describe('what a service may not say', () => {
  test('is that it is another one', async () => {
    expect(await told(await tokenOf('Inventory', { ...caller, service: 'Catalog' }))).toEqual(
      refused('the key of another service'),
    )
    expect(await told(await forged({ sub: 'Catalog' }))).toEqual(refused('names two services'))
  })

  test('is that its token lasts for long', async () => {
    const later = world.now().getTime() / 1000 + 86_400
    const long = await forged({ exp: later })
    expect(await told(long)).toMatchObject({ actor: 'kim' })
    world.advance(121_000)
    expect(await told(long)).toEqual(refused('issued too long ago|has expired'))
  })

  test.each([
    [{ actor: undefined }, 'on whose behalf'],
    [{ tenant: 7 }, 'on whose behalf'],
    [{ roles: 'x'.repeat(300) }, 'no list of roles'],
    [{ aud: undefined }, 'no aud'],
    [{ iat: undefined }, 'no iat'],
    [{ exp: undefined }, 'no exp'],
    [{ iss: undefined }, 'the key of another service'],
  ])('is %o', async (claims, reason) => {
    expect(await told(await forged(claims))).toEqual(refused(reason))
  })
})

describe('a token of nobody', () => {
  test('is refused: of a key that is no peer’s', async () => {
    expect(await told(await tokenOf('Inventory', caller, pair().key))).toEqual(
      refused('no service that is known'),
    )
  })

  test('is refused: the public key as a shared secret, or no signature', async () => {
    const [header = '', payload = ''] = (await tokenOf('Inventory')).split('.')
    const { kid, typ } = JSON.parse(Buffer.from(header, 'base64url').toString()) as Record<string, string>
    for (const alg of ['HS256', 'none']) {
      const head = Buffer.from(JSON.stringify({ alg, kid, typ })).toString('base64url')
      const secret = Buffer.from(ordering.public['x'] as string, 'base64url')
      const mac =
        alg === 'none' ? '' : createHmac('sha256', secret).update(`${head}.${payload}`).digest('base64url')
      expect(await told(`${head}.${payload}.${mac}`)).toEqual(refused('not accepted|cannot be read'))
    }
  })

  test('is refused: of a type that is not for services', async () => {
    expect(await told(await forged({}, { typ: 'JWT' }))).toEqual(refused('another type'))
    expect(verifier.claims({ issuer: 'Ordering', type: 'JWT' })).toBe(false)
  })
})

describe('keys', () => {
  test('are replaced one after the other', async () => {
    const next = pair()
    const both = { Ordering: [ordering.public, next.public] }
    verifier = (await serviceTokens({ peers: both }).start(world)) as TokenVerifier
    expect(await told(await tokenOf('Inventory', caller, ordering.key))).toEqual(caller)
    expect(await told(await tokenOf('Inventory', caller, next.key))).toEqual(caller)
  })

  test.each([
    [{ peers: { A: { kty: 'RSA', n: 'x', e: 'AQAB' } } }, 'no Ed25519 key'],
    [{ peers: { A: { kty: 'OKP', crv: 'Ed25519', x: 'AA' } } }, 'not a whole key'],
    [{ peers: { A: ordering.public, B: ordering.public } }, 'that of A as well'],
  ])('that cannot be are refused: %#', async (options, reason) => {
    await expect(serviceTokens(options).start(world)).rejects.toMatchObject({
      code: 'DURE_IDENTITY_INVALID',
      message: expect.stringContaining(reason),
    })
  })

  test('are needed to sign', async () => {
    await expect(serviceTokens({ peers }).signer(world)).rejects.toMatchObject({
      code: 'DURE_IDENTITY_INVALID',
    })
    await expect(serviceTokens({ peers, key: ordering.public }).signer(world)).rejects.toMatchObject({
      message: expect.stringContaining('the private one is needed'),
    })
    const signer = await serviceTokens({ peers, key: ordering.key }).signer(world)
    await expect(signer.headersFor('Inventory', { actor: 'x', tenant: '' })).rejects.toMatchObject({
      message: expect.stringContaining('which context asks Inventory'),
    })
  })
})
