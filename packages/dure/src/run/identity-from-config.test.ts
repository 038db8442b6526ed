import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { system } from 'dure'
import { helpDesk } from '../../test/fixtures/tickets.ts'
import { readConfig } from '../host/config.ts'
import { systemWorld } from '../host/system-world.ts'
import { oidc } from '../identity/oidc.ts'
import { isDureError } from '../kernel/error.ts'
import { identityOfProcess } from './identity-from-config.ts'

type Env = Readonly<Record<string, string>>

const open = system('Open', { contexts: [] })
const users = { OIDC_ISSUER: 'https://id.example', OIDC_AUDIENCE: 'desk' }
const pair = generateKeyPairSync('ed25519')
const [key, peer] = [pair.privateKey, pair.publicKey].map((it) => it.export({ format: 'jwk' }))
const services = {
  DURE_SERVICE_KEY: JSON.stringify(key),
  DURE_SERVICE_PEERS: JSON.stringify({ Reports: peer }),
}

async function of(env: Env, it = helpDesk, given?: Parameters<typeof identityOfProcess>[2]) {
  try {
    const made = await identityOfProcess(it, readConfig(env), given, ['Desk'], systemWorld)
    const { identity, credentials, warning } = made
    return { identity: identity?.map(({ name }) => name), credentials, warning: warning?.[0] }
  } catch (error) {
    if (isDureError(error)) return { error: `${error.code} ${error.message}` }
    throw error
  }
}

describe('in production', () => {
  const NODE_ENV = 'production'

  test('a system that says who may needs an identity, or the word that it wants none', async () => {
    expect(await of({ NODE_ENV })).toEqual({
      error: 'DURE_IDENTITY_MISSING HelpDesk says who may do what, and nothing says who callers are.',
    })
    expect(await of({ NODE_ENV, DURE_IDENTITY: 'none' })).toMatchObject({
      identity: undefined,
      warning: undefined,
    })
    expect(await of({ NODE_ENV, ...users })).toMatchObject({ identity: ['user'], warning: undefined })
    expect(await of({ NODE_ENV, ...services })).toMatchObject({ identity: ['service'] })
  })

  test('one that says it nowhere starts, and is warned about', async () => {
    expect(await of({ NODE_ENV }, open)).toMatchObject({
      identity: undefined,
      warning: expect.stringMatching(/^everybody may do everything/),
    })
    expect(await of({ NODE_ENV, DURE_IDENTITY: 'none' }, open)).toMatchObject({ warning: undefined })
  })

  test('keys are not taken from an issuer without TLS', async () => {
    const OIDC_ISSUER = 'http://id.example'
    expect(await of({ NODE_ENV, ...users, OIDC_ISSUER })).toEqual({
      error: expect.stringMatching(/^DURE_IDENTITY_INVALID .*not https/),
    })
    expect(await of({ ...users, OIDC_ISSUER })).toMatchObject({ identity: ['user'] })
  })
})

describe('in development', () => {
  test('nothing is asked for; an address that others reach is warned about', async () => {
    expect(await of({})).toMatchObject({ identity: undefined, warning: undefined })
    expect(await of({ HOST: '0.0.0.0' })).toMatchObject({
      warning: expect.stringContaining('whoever'),
    })
  })
})

describe('the environment', () => {
  test('names users and services, beside each other', async () => {
    const made = await of({ ...users, ...services })
    expect(made).toMatchObject({ identity: ['user', 'service'] })
    const headers = await made.credentials?.({ actor: 'kim', tenant: '' }, { context: 'Reports' })
    expect(headers?.['authorization']).toMatch(/^Bearer ey/)
  })

  test('gives way to the program', async () => {
    const own = oidc({ issuer: 'https://other.example', audience: 'x' })
    const made = await of({ ...users }, helpDesk, [own, own])
    expect(made).toMatchObject({ identity: ['user', 'user'] })
  })

  test.each<[Env, RegExp]>([
    [{ OIDC_ISSUER: 'https://id.example' }, /OIDC_AUDIENCE: is missing/],
    [{ OIDC_AUDIENCE: 'desk' }, /OIDC_ISSUER: is missing/],
    [{ OIDC_ROLES: 'roles' }, /OIDC_ISSUER: is missing/],
    [{ OIDC_ISSUER: 'desk', OIDC_AUDIENCE: 'x' }, /OIDC_ISSUER: expected an URL/],
    [{ ...users, DURE_IDENTITY: 'none' }, /it is none, and something else/],
    [{ DURE_IDENTITY: 'no' }, /DURE_IDENTITY: expected none/],
    [{ DURE_SERVICE_PEERS: '[]' }, /DURE_SERVICE_PEERS: expected a JSON object/],
    [{ DURE_SERVICE_KEY: JSON.stringify(peer) }, /DURE_IDENTITY_INVALID .*the private one is needed/],
  ])('%o is refused', async (env, reason) => {
    expect(await of(env)).toEqual({ error: expect.stringMatching(reason) })
  })

  test('never shows a private key', async () => {
    const { error = '' } = await of({ DURE_SERVICE_KEY: `${JSON.stringify(key)}!` })
    expect(error).toContain('DURE_SERVICE_KEY: expected a JSON object')
    expect(error).not.toContain(String(key?.d))
  })
})
