import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createHmac, generateKeyPairSync } from 'node:crypto'
import type { CryptoKey } from 'jose'
import { localIssuer, type Issuer } from '../../test/fixtures/issuer.ts'
import { isDureError } from '../kernel/error.ts'
import { testWorld, type TestWorld } from '../testing/test-world.ts'
import type { TokenVerifier } from './identity.ts'
import { oidc, type OidcOptions } from './oidc.ts'

let issuer: Issuer
let world: TestWorld
const clock = (): number => world.now().getTime()

beforeAll(async () => {
  issuer = await localIssuer(clock)
})
beforeEach(() => {
  issuer.answer('well')
  world = testWorld()
})
afterAll(() => issuer[Symbol.asyncDispose]())

async function started(options: Partial<OidcOptions> = {}): Promise<TokenVerifier> {
  const identity = oidc({ issuer: issuer.url, audience: 'desk', ...options })
  return (await identity.start(world)) as TokenVerifier
}

/** Who a token is from, or the reason why it is not believed. */
async function told(verifier: TokenVerifier, token: string): Promise<unknown> {
  try {
    return (await verifier.verify(token, 'Desk')).caller
  } catch (error) {
    if (!isDureError(error)) throw error
    return `${error.code} ${error.details['reason'] as string}`
  }
}

const refused = (reason: RegExp): unknown =>
  expect.stringMatching(new RegExp(`^DURE_CREDENTIALS_REFUSED .*${reason.source}`))
const unsigned = (...parts: readonly object[]): string =>
  parts.map((it) => Buffer.from(JSON.stringify(it)).toString('base64url')).join('.')

describe('a token', () => {
  test('says who it is from', async () => {
    const verifier = await started()
    expect(await told(verifier, await issuer.token())).toEqual({ actor: 'kim', tenant: '', roles: ['clerk'] })
  })

  test('is read by the claims that are configured', async () => {
    const verifier = await started({
      actor: 'user.id',
      roles: 'realm_access.roles',
      tenant: 'https://x.kr/org',
    })
    const claims = { user: { id: 'u-7' }, realm_access: { roles: ['a', 'b'] }, 'https://x.kr/org': 'acme' }
    expect(await told(verifier, await issuer.token({ claims }))).toEqual({
      actor: 'u-7',
      tenant: 'acme',
      roles: ['a', 'b'],
    })
    expect(
      await told(await started({ roles: 'scope' }), await issuer.token({ claims: { scope: 'a b' } })),
    ).toEqual(expect.objectContaining({ roles: ['a', 'b'] }))
  })

  test.each([
    [{ sub: '' }, /names nobody/],
    [{ sub: 7 }, /names nobody/],
    [{ sub: 'a'.repeat(256) }, /names nobody/],
    [{ sub: 'two\nlines' }, /names nobody/],
    [{ sub: 'anonymous' }, /Dure’s own/],
    [{ sub: 'policy:close spam' }, /Dure’s own/],
    [{ sub: 'Service:Desk' }, /Dure’s own/],
    [{ roles: 'clerk'.repeat(99) }, /no list of roles/],
    [{ roles: { clerk: true } }, /no list of roles/],
    [{ roles: Array.from({ length: 201 }, () => 'x') }, /no list of roles/],
    [{ roles: [7] }, /no list of roles/],
  ])('with the claims %o is refused', async (claims, reason) => {
    expect(await told(await started(), await issuer.token({ claims }))).toEqual(refused(reason))
  })

  test('without the tenant that it should name is refused', async () => {
    const verifier = await started({ tenant: 'org' })
    expect(await told(verifier, await issuer.token())).toEqual(refused(/names no tenant/))
    expect(await told(verifier, await issuer.token({ claims: { org: '' } }))).toEqual(
      refused(/names no tenant/),
    )
  })
})

describe('what is signed wrongly', () => {
  test('is refused: the public key as a shared secret (algorithm confusion)', async () => {
    const verifier = await started()
    const secret = Buffer.from(await issuer.publicPem())
    const { kid } = JSON.parse(
      Buffer.from((await issuer.token()).split('.')[0] as string, 'base64url').toString(),
    )
    const payload = { iss: issuer.url, aud: 'desk', sub: 'kim', roles: ['clerk'], exp: clock() / 1000 + 300 }
    for (const alg of ['HS256', 'HS384', 'HS512']) {
      const input = unsigned({ alg, kid, typ: 'JWT' }, payload)
      const mac = createHmac(alg.replace('HS', 'sha'), secret).update(input).digest('base64url')
      expect(await told(verifier, `${input}.${mac}`)).toEqual(refused(/not accepted/))
    }
  })

  test.each(['none', 'None', 'NONE', 'nOnE', ''])('is refused: alg %s', async (alg) => {
    const payload = { iss: issuer.url, aud: 'desk', sub: 'kim', exp: clock() / 1000 + 300 }
    const verifier = await started()
    expect(await told(verifier, `${unsigned({ alg }, payload)}.`)).toEqual(
      refused(/not accepted|cannot be read/),
    )
    expect(await told(verifier, `${unsigned({ alg }, payload)}.AAAA`)).toEqual(
      refused(/not accepted|cannot be read/),
    )
  })

  test('is refused: a key that the token brings along, or says where to fetch', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const key = privateKey as unknown as CryptoKey
    const jwk = publicKey.export({ format: 'jwk' })
    const verifier = await started()
    for (const header of [{ jwk }, { jku: `${issuer.url}/evil` }, { x5u: `${issuer.url}/evil` }]) {
      expect(await told(verifier, await issuer.token({ key, header }))).toEqual(refused(/signature/))
    }
  })

  test.each([
    ['of another key', '../../etc/passwd'],
    ['of a path', "x' OR 1=1 --"],
    ['of a prototype', '__proto__'],
    ['that is none', undefined],
  ])('is refused: a kid %s', async (_, kid) => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const token = issuer.token({ key: privateKey as unknown as CryptoKey, header: { kid } })
    expect(await told(await started(), await token)).toEqual(refused(/no key of its issuer|signature/))
  })

  test('is refused: a payload that was changed, a signature that is cut', async () => {
    const verifier = await started()
    const [header = '', payload = '', signature = ''] = (await issuer.token()).split('.')
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object
    const changed = Buffer.from(JSON.stringify({ ...claims, sub: 'admin' })).toString('base64url')
    expect(await told(verifier, `${header}.${changed}.${signature}`)).toEqual(refused(/signature/))
    expect(await told(verifier, `${header}.${payload}.${signature.slice(0, -8)}`)).toEqual(
      refused(/signature/),
    )
    expect(await told(verifier, `${header}.${payload}.`)).toEqual(refused(/signature/))
  })

  test('is refused: a critical header that nobody here understands', async () => {
    const token = issuer.token({ header: { crit: ['b64x'], b64x: false } }).catch((error: unknown) => error)
    // The signing side refuses to make it, so it is made by hand.
    expect(await token).toBeInstanceOf(Error)
    const [header = '', ...rest] = (await issuer.token()).split('.')
    const critical = { ...JSON.parse(Buffer.from(header, 'base64url').toString()), crit: ['x'], x: 1 }
    expect(await told(await started(), [unsigned(critical), ...rest].join('.'))).toEqual(
      refused(/cannot be read/),
    )
  })
})

describe('time', () => {
  test('is held to, with a minute of tolerance', async () => {
    const verifier = await started()
    expect(await told(verifier, await issuer.token({ expires: -59 }))).toMatchObject({ actor: 'kim' })
    expect(await told(verifier, await issuer.token({ expires: -61 }))).toEqual(
      refused(/has expired, by the clock/),
    )
    expect(await told(verifier, await issuer.token({ notBefore: 59 }))).toMatchObject({ actor: 'kim' })
    expect(await told(verifier, await issuer.token({ notBefore: 62 }))).toEqual(
      refused(/not valid yet, by the clock/),
    )
  })

  test('can be held to exactly', async () => {
    const verifier = await started({ clockToleranceSeconds: 0 })
    expect(await told(verifier, await issuer.token({ expires: -1 }))).toEqual(refused(/has expired/))
  })

  test('without an end is no time', async () => {
    const verifier = await started()
    expect(await told(verifier, await issuer.token({ expires: undefined }))).toEqual(refused(/has no exp/))
  })
})

test('of another issuer, or for another audience, a token is refused', async () => {
  const verifier = await started()
  expect(await told(verifier, await issuer.token({ issuer: `${issuer.url}/` }))).toEqual(
    refused(/another issuer/),
  )
  expect(await told(verifier, await issuer.token({ audience: 'shop' }))).toEqual(
    refused(/not for this service/),
  )
  expect(await told(verifier, await issuer.token({ audience: ['shop', 'desk'] }))).toMatchObject({
    actor: 'kim',
  })
  expect(await told(verifier, await issuer.token({ audience: undefined }))).toEqual(refused(/has no aud/))
})

describe('the keys of an issuer', () => {
  test('are fetched once for many, and again for a key that is not known', async () => {
    await using own = await localIssuer(clock)
    const verifier = (await oidc({ issuer: own.url, audience: 'desk' }).start(world)) as TokenVerifier
    const first = await own.token()
    await Promise.all([first, first, first].map((it) => told(verifier, it)))
    expect(own.fetches).toBe(1)
    await own.rotate()
    const second = await own.token()
    // The cool-down after the last fetch is not over: unknown keys are not worth a fetch each.
    expect(await told(verifier, second)).toEqual(refused(/no key of its issuer/))
    expect(own.fetches).toBe(1)
    world.advance(30_000)
    const answers = await Promise.all([second, second].map((it) => told(verifier, it)))
    expect(answers).toEqual([
      expect.objectContaining({ actor: 'kim' }),
      expect.objectContaining({ actor: 'kim' }),
    ])
    expect(own.fetches).toBe(2)
    expect(await told(verifier, first)).toEqual(refused(/no key of its issuer/))
  })

  test('go on while it is away, for a day', async () => {
    await using own = await localIssuer(clock)
    const verifier = (await oidc({ issuer: own.url, audience: 'desk' }).start(world)) as TokenVerifier
    own.answer('badly')
    for (const hours of [1, 22]) {
      world.advance(hours * 3_600_000)
      expect(await told(verifier, await own.token())).toMatchObject({ actor: 'kim' })
    }
    world.advance(2 * 3_600_000)
    expect(await told(verifier, await own.token())).toMatch(/^DURE_IDENTITY_UNAVAILABLE .*answered 500/)
    const tried = own.fetches
    expect(await told(verifier, await own.token())).toMatch(/^DURE_IDENTITY_UNAVAILABLE/)
    expect(own.fetches).toBe(tried)
    own.answer('well')
    world.advance(30_000)
    expect(await told(verifier, await own.token())).toMatchObject({ actor: 'kim' })
  })

  test('that were never had are unavailable, which is not the fault of a token', async () => {
    await using own = await localIssuer(clock)
    own.answer('badly')
    const verifier = (await oidc({ issuer: own.url, audience: 'desk' }).start(world)) as TokenVerifier
    expect(await told(verifier, await own.token())).toMatch(/^DURE_IDENTITY_UNAVAILABLE/)
    own.answer('well')
    world.advance(30_000)
    expect(await told(verifier, await own.token())).toMatchObject({ actor: 'kim' })
    own.answer('badly')
    await own.rotate()
    world.advance(30_000)
    // Nobody can tell whether the issuer has this key by now.
    expect(await told(verifier, await own.token())).toMatch(/^DURE_IDENTITY_UNAVAILABLE/)
  })

  test.each([
    [{ keys: [] }, /no public key/],
    [{ keys: [{ kty: 'oct', k: 'c2VjcmV0', alg: 'HS256' }] }, /no public key/],
    [{ nothing: true }, /no set of keys/],
    [{ keys: 'x'.repeat(600_000) }, /larger than/],
  ])('of another kind are none: %#', async (document, reason) => {
    await using own = await localIssuer(clock)
    own.answer({ document })
    const verifier = (await oidc({ issuer: own.url, audience: 'desk' }).start(world)) as TokenVerifier
    expect(await told(verifier, await own.token())).toMatch(
      new RegExp(`^DURE_IDENTITY_UNAVAILABLE .*${reason.source}`),
    )
  })
})

test.each([
  [{ issuer: 'desk' }, /no URL/],
  [{ issuer: 'http://id.example' }, /not https/],
  [{ issuer: 'https://me:secret@id.example' }, /credentials/],
  [{ audience: '' }, /empty/],
  [{ audience: [] }, /empty/],
  [{ jwksUri: 'http://id.example/keys' }, /not https/],
  [{ algorithms: ['HS256'] }, /HS256/],
  [{ algorithms: ['none'] }, /none/],
  [{ clockToleranceSeconds: -1 }, /0 to 600/],
])('a configuration that cannot be right is refused: %o', (wrong, reason) => {
  expect(() => oidc({ issuer: 'https://id.example', audience: 'desk', ...wrong })).toThrow(
    expect.objectContaining({ code: 'DURE_IDENTITY_INVALID', message: expect.stringMatching(reason) }),
  )
})
