import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createHmac } from 'node:crypto'
import { certificates, guardedDesk, type GuardedDesk } from './guarded-desk.ts'

let desk: GuardedDesk
let clerk: string
let kim: string
let ticket: string
beforeAll(async () => {
  desk = await guardedDesk()
  clerk = `authorization: Bearer ${await desk.issuer.token({ claims: { sub: 'c', roles: ['clerk'] } })}`
  kim = `authorization: Bearer ${await desk.issuer.token({ claims: { sub: 'kim', roles: [] } })}`
  ticket = await desk.ticketOf('lee')
})
afterAll(() => desk[Symbol.asyncDispose]())

const bearer = (token: string): string => `authorization: Bearer ${token}`

describe('who asks', () => {
  test('is let in by a token', async () => {
    expect(await desk.raw(`GET /q/desk/ticketById?id=${ticket}`, [clerk])).toMatchObject({
      status: 200,
      body: { customer: 'lee' },
    })
    const made = await desk.raw('POST /tickets', [kim], { customer: 'kim', text: 'x' })
    expect(made.status).toBe(201)
    expect(await desk.raw(`GET /tickets/${String(made.body['id'])}`, [kim])).toMatchObject({ status: 200 })
  })

  test('stands in the envelope, and so with the events', async () => {
    const made = await desk.raw('POST /tickets', [kim], { customer: 'kim', text: 'x' })
    const store = await desk.host.storage.openContext('Desk', [], 'HelpDesk')
    const { events } = await store.readStream(
      { tenant: '', aggregate: 'Ticket', id: String(made.body['id']) },
      0,
    )
    expect(events[0]?.meta.actor).toBe('kim')
  })

  test('is told to sign in where nobody is, and of what is for everyone told everything', async () => {
    const answer = await desk.raw(`GET /tickets/${ticket}`)
    expect(answer).toMatchObject({ status: 401, body: { code: 'DURE_UNAUTHENTICATED' } })
    expect(answer.headers).toMatch(/\r\nwww-authenticate: bearer\r\n/)
    expect(await desk.raw('GET /q/desk/hours')).toMatchObject({ status: 200 })
  })

  test('is told no where it may not, and nothing of what belongs to others', async () => {
    expect(await desk.raw(`POST /tickets/${ticket}/close`, [kim])).toMatchObject({
      status: 403,
      body: { code: 'DURE_FORBIDDEN' },
    })
    const [others, none] = await Promise.all(
      [ticket, '019a0000-0000-7000-8000-000000000000'].map((id) => desk.raw(`GET /tickets/${id}`, [kim])),
    )
    expect(others).toMatchObject({ status: 404, body: { code: 'DURE_QUERY_NOTHING' } })
    expect(others?.body).toEqual(none?.body)
  })

  test('is of the tenant of the token, whatever a header says', async () => {
    await using other = await guardedDesk()
    const id = await other.ticketOf('kim')
    const token = await other.issuer.token({ claims: { sub: 'kim', roles: ['clerk'] } })
    for (const tenant of ['dure-tenant: acme', 'Dure-Tenant: acme']) {
      expect((await other.raw(`GET /tickets/${id}`, [bearer(token), tenant])).status).toBe(200)
    }
    const foreign = await other.signed('Desk', {
      actor: 'kim',
      tenant: 'acme',
      roles: ['clerk'],
      service: 'Reports',
    })
    expect((await other.raw(`GET /tickets/${id}`, [foreign])).status).toBe(404)
  })
})

describe('a token that is not right', () => {
  test.each([
    ['expired', { expires: -120 }, 'has expired'],
    ['not yet valid', { notBefore: 300 }, 'not valid yet'],
    ['of another issuer', { issuer: 'https://evil.example' }, 'not trusted here'],
    ['for another audience', { audience: 'shop' }, 'not for this service'],
  ])('is refused: %s', async (_, wishes, reason) => {
    const answer = await desk.raw('GET /q/desk/hours', [bearer(await desk.issuer.token(wishes))])
    expect(answer).toMatchObject({ status: 401, body: { code: 'DURE_CREDENTIALS_REFUSED' } })
    expect(answer.headers).toMatch(/\r\nwww-authenticate: bearer error="invalid_token", error_description="/)
    expect(String(answer.body['detail'])).toContain(reason)
  })

  test('is refused: signed with the public key as a secret, or with nothing', async () => {
    const [, payload = ''] = (await desk.issuer.token()).split('.')
    for (const alg of ['HS256', 'none']) {
      const head = Buffer.from(JSON.stringify({ alg, kid: 'key-1', typ: 'JWT' })).toString('base64url')
      const mac = createHmac('sha256', await desk.issuer.publicPem()).update(`${head}.${payload}`)
      const token = `${head}.${payload}.${alg === 'none' ? '' : mac.digest('base64url')}`
      expect(await desk.raw(`POST /tickets/${ticket}/close`, [bearer(token)])).toMatchObject({ status: 401 })
    }
  })

  test.each([
    ['authorization: Basic a2ltOnNlY3JldA==', 401],
    ['authorization: Bearer', 401],
    ['authorization: Bearer a.b', 401],
    ['authorization: Bearer a.b.c', 401],
    [`authorization: Bearer ${'a'.repeat(9000)}`, 401],
    [`authorization: Bearer ${'a'.repeat(20_000)}`, 431],
    [`cookie: ${'a'.repeat(20_000)}`, 431],
  ])('is refused: %#', async (header, status) => {
    expect(await desk.raw('GET /q/desk/hours', [header])).toMatchObject({ status })
  })
})

describe('smuggling', () => {
  test.each([
    ['dure-actor: c', 'dure-roles: clerk'],
    ['Dure-Actor: c', 'DURE-ROLES: clerk'],
    ['dure_actor: c', 'dure_roles: clerk'],
    ['x-forwarded-user: c', 'x-forwarded-groups: clerk'],
    ['x-forwarded-client-cert: URI=spiffe://shop/reports', 'dure-service: Reports'],
    ['proxy-authorization: Bearer x', 'x-authorization: Bearer x'],
  ])('by the headers %s makes nobody of somebody', async (...headers) => {
    expect(await desk.raw(`POST /tickets/${ticket}/close`, headers)).toMatchObject({ status: 401 })
    expect(await desk.raw(`POST /tickets/${ticket}/close`, [kim, ...headers])).toMatchObject({ status: 403 })
  })

  test('by two authorization headers is refused, in either order', async () => {
    for (const both of [
      [kim, clerk],
      [clerk, kim],
      [clerk, clerk.replace('authorization', 'Authorization')],
    ]) {
      expect(await desk.raw(`POST /tickets/${ticket}/close`, both)).toMatchObject({
        status: 400,
        body: { code: 'DURE_HTTP_HEADER' },
      })
    }
  })

  test('by two tokens in one header, or with a comma, is refused', async () => {
    const token = clerk.replace('authorization: ', '')
    for (const it of [`${token}, ${token}`, `Basic x, ${token}`, `${token} ${token}`]) {
      expect(await desk.raw('GET /q/desk/hours', [`authorization: ${it}`])).toMatchObject({ status: 401 })
    }
  })

  test('a token in the query string or the body is not looked for', async () => {
    const token = clerk.replace('authorization: Bearer ', '')
    for (const name of ['access_token', 'token', 'authorization']) {
      expect((await desk.raw(`GET /tickets/${ticket}?${name}=${token}`)).status).toBe(401)
      expect((await desk.raw(`POST /tickets/${ticket}/close?${name}=${token}`)).status).toBe(401)
      expect((await desk.raw(`POST /c/desk/close`, [], { id: ticket, [name]: token })).status).toBe(401)
    }
  })
})

describe('paths', () => {
  // A proxy lets /q through that may be repeated, and keeps /c for others: the same bytes must mean the same here.
  test.each([
    'POST /q/desk/close',
    'GET /c/desk/close',
    'POST /q/../c/desk/close',
    'POST /q/desk/../../c/desk/close',
    'POST /q/%2e%2e/c/desk/close',
    'POST /q/..%2fc/desk/close',
    'POST /q/desk%2fclose',
    'POST /c%2fdesk%2fclose',
    'POST /c/desk%2fclose',
    'POST //c/desk/close',
    'POST /c//desk/close',
    'POST /c/desk//close',
    'POST /c/desk/close/',
    'POST /c/desk/close/.',
    'POST /c/desk/close;x=1',
    'POST /c/desk/close%00',
    'POST /C/desk/close',
    'POST /c/Desk/close',
    'POST /c/desk/Close',
    'POST /c/desk\\close',
    'POST /c/./desk/close',
  ])('%s reaches no command', async (line) => {
    const answer = await desk.raw(line, [clerk], { id: ticket })
    expect([400, 404, 405]).toContain(answer.status)
    expect(await desk.raw(`GET /tickets/${ticket}`, [clerk])).toMatchObject({ body: { closed: false } })
  })

  test('a proxy’s whole URL in the request line means its path', async () => {
    expect((await desk.raw('GET http://elsewhere/q/desk/hours')).status).toBe(200)
    expect((await desk.raw(`GET http://elsewhere/tickets/${ticket}`)).status).toBe(401)
  })

  test('an encoded letter is that letter, and guarded as such', async () => {
    expect((await desk.raw(`POST /%63/desk/close`, [kim], { id: ticket })).status).toBe(403)
  })
})

describe('services', () => {
  test('ask as themselves and for others', async () => {
    const reports = { actor: 'service:Reports', tenant: '', service: 'Reports' }
    expect(await desk.raw(`GET /tickets/${ticket}`, [await desk.signed('Desk', reports)])).toMatchObject({
      status: 200,
    })
    expect(
      await desk.raw(`POST /tickets/${ticket}/close`, [await desk.signed('Desk', reports)]),
    ).toMatchObject({ status: 403 })
    const forKim = { actor: 'kim', tenant: '', roles: [], service: 'Reports' }
    expect(
      await desk.raw('GET /q/desk/tickets?customer=kim', [await desk.signed('Desk', forKim)]),
    ).toMatchObject({ status: 200 })
    expect(
      await desk.raw('GET /q/desk/tickets?customer=lee', [await desk.signed('Desk', forKim)]),
    ).toMatchObject({ status: 403 })
  })

  test('of one callee are not believed by another', async () => {
    const reports = { actor: 'service:Reports', tenant: '', service: 'Reports' }
    const header = await desk.signed('Reports', reports)
    expect(await desk.raw(`GET /tickets/${ticket}`, [header])).toMatchObject({ status: 401 })
  })

  test('are known by certificates that a proxy has checked, where that is configured', async () => {
    await using other = await guardedDesk([certificates])
    const id = await other.ticketOf('lee')
    const asked = (...headers: string[]) => other.raw(`GET /tickets/${id}`, headers)
    const header = 'x-forwarded-client-cert'
    const by = 'By=spiffe://shop/desk;Hash=ab'
    expect((await asked(`${header}: ${by};Subject="CN=a,O=b";URI=spiffe://shop/reports`)).status).toBe(200)
    expect((await asked(`${header}: ${by};URI=spiffe://shop/other`)).status).toBe(401)
    // The first of two was appended to by the proxy, and may have been written by anybody.
    const two = `URI=spiffe://shop/reports,${by};URI=spiffe://shop/other`
    expect(await asked(`${header}: ${two}`)).toMatchObject({
      status: 401,
      body: { code: 'DURE_CREDENTIALS_REFUSED' },
    })
    expect((await asked(`${header}: URI=spiffe://shop/reports;URI=spiffe://shop/x`)).status).toBe(401)
    // A subject may be chosen so that it reads like the URI of another.
    for (const subject of ['a;URI=spiffe://shop/reports', 'a\\";URI=spiffe://shop/reports', '"']) {
      expect((await asked(`${header}: ${by};Subject="CN=${subject}"`)).status).toBe(401)
    }
    const twice = [`${header}: URI=spiffe://shop/reports`, `${header}: URI=spiffe://shop/reports`]
    expect((await asked(...twice)).status).toBe(400)
  })
})

test('while the issuer is away, requests without a token are answered, others told to come again', async () => {
  await using other = await guardedDesk()
  other.issuer.answer('badly')
  await other.issuer.rotate()
  const answer = await other.raw('GET /q/desk/hours', [bearer(await other.issuer.token())])
  // Within the cool-down it is known that the keys are those of a moment ago.
  expect(answer.status).toBe(401)
  expect((await other.raw('GET /q/desk/hours')).status).toBe(200)
})

test('no log holds a token, in whole or in part', async () => {
  await desk.raw(`POST /tickets/${ticket}/close?access_token=${clerk.slice(-40)}`, [kim])
  await desk.raw(`GET /tickets/${ticket}`, [bearer(`${kim.slice(22, 200)}.x.y`)])
  expect(desk.logged()).toContain('DURE_FORBIDDEN')
  for (const it of [clerk, kim]) {
    for (const part of it.replace('authorization: Bearer ', '').split('.')) {
      expect(desk.logged()).not.toContain(part.slice(0, 40))
    }
  }
})
