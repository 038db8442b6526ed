import { expect, test } from 'vitest'
import { isDureError } from '../kernel/error.ts'
import { fault } from '../kernel/errors/fault.ts'
import { testWorld } from '../testing/test-world.ts'
import { createAuthenticator } from './authenticator.ts'
import type { Identity, Presented } from './identity.ts'

const bearing = (token?: string): Presented => ({
  headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
  rawHeaders: token === undefined ? [] : ['authorization', `Bearer ${token}`],
  socket: {},
})
const part = (it: object): string => Buffer.from(JSON.stringify(it)).toString('base64url')
const tokenOf = (iss: string, n = 0): string => `${part({ alg: 'x' })}.${part({ iss, n })}.sig`

/** An issuer whose every token is right, for so many seconds, and which counts how often it is asked. */
function counting(iss: string, seconds: number): Identity & { asked: number } {
  const identity = {
    name: iss,
    scheme: undefined,
    asked: 0,
    async start(world: { now(): Date }) {
      return {
        kind: 'token' as const,
        claims: ({ issuer }: { readonly issuer: unknown }) => issuer === iss,
        async verify(_: string, context: string) {
          identity.asked += 1
          if (context === 'Closed') throw fault('DURE_CREDENTIALS_REFUSED', { reason: 'not for Closed' })
          const until = new Date(world.now().getTime() + seconds * 1000)
          return { caller: { actor: `${iss}'s`, tenant: '' }, until }
        },
      }
    },
  }
  return identity
}

test('a token is checked by the one whose it is, and by nobody else', async () => {
  const [one, other] = [counting('one', 60), counting('other', 60)]
  const { authenticate } = createAuthenticator([one, other], testWorld())
  expect(await authenticate(bearing(tokenOf('other')), 'Desk')).toEqual({ actor: "other's", tenant: '' })
  expect([one.asked, other.asked]).toEqual([0, 1])
  expect(await authenticate(bearing(), 'Desk')).toEqual({ actor: 'anonymous', tenant: '' })
  await expect(authenticate(bearing(tokenOf('third')), 'Desk')).rejects.toMatchObject({
    code: 'DURE_CREDENTIALS_REFUSED',
    message: expect.stringContaining('not trusted here'),
  })
})

test('a token that was right is held for half a minute, for one context, and never longer than it lasts', async () => {
  const world = testWorld()
  const [long, short] = [counting('long', 300), counting('short', 10)]
  const { authenticate } = createAuthenticator([long, short], world)
  for (const it of ['long', 'short', 'long', 'short']) await authenticate(bearing(tokenOf(it)), 'Desk')
  expect([long.asked, short.asked]).toEqual([1, 1])
  await authenticate(bearing(tokenOf('long')), 'Reports')
  await authenticate(bearing(tokenOf('long', 1)), 'Desk')
  expect(long.asked).toBe(3)
  world.advance(10_000)
  for (const it of ['long', 'short']) await authenticate(bearing(tokenOf(it)), 'Desk')
  expect([long.asked, short.asked]).toEqual([3, 2])
  world.advance(20_000)
  await authenticate(bearing(tokenOf('long')), 'Desk')
  expect(long.asked).toBe(4)
})

test('a token that was wrong is checked each time', async () => {
  const one = counting('one', 60)
  const { authenticate } = createAuthenticator([one], testWorld())
  for (const _ of [1, 2])
    await expect(authenticate(bearing(tokenOf('one')), 'Closed')).rejects.toThrow('refused')
  expect(one.asked).toBe(2)
})

test('many tokens take no more room than is set aside', async () => {
  const one = counting('one', 60)
  const { authenticate } = createAuthenticator([one], testWorld())
  for (let n = 0; n < 2500; n++) await authenticate(bearing(tokenOf('one', n)), 'Desk')
  await authenticate(bearing(tokenOf('one', 0)), 'Desk')
  expect(one.asked).toBe(2501)
})

test('an identity that cannot start is told to whoever waits, and at each request', async () => {
  const broken: Identity = {
    name: 'broken',
    scheme: undefined,
    start: () => Promise.reject(fault('DURE_IDENTITY_INVALID', { what: 'it', reason: 'broken' })),
  }
  const { ready, authenticate } = createAuthenticator([broken], testWorld())
  const failed = await ready.catch((error: unknown) => error)
  expect(isDureError(failed, 'DURE_IDENTITY_INVALID')).toBe(true)
  await expect(authenticate(bearing(), 'Desk')).rejects.toMatchObject({ code: 'DURE_IDENTITY_INVALID' })
})
