import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { answering, standIns, testWorld } from 'dure/testing'
import {
  cacheConformance,
  cachedFields,
  objectStoreConformance,
  thirdPartyConformance,
  thirdPartyScript,
} from 'dure/testing/conformance'
import { config, context, contract, resource, system, type Attached } from 'dure'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { attach } from './attach.ts'
import { systemWorld } from 'dure/host'

const cached = resource.cache('cached', cachedFields)
const files = resource.objectStore('files')
const payments = resource.http('payments', { secret: 'bearer', timeoutMs: 1000 })

function of<T>(attached: Attached<T>): T {
  const inner = context(contract('Trying', {}), [attached]).implements({})
  return standIns(system('Try', { contexts: [inner] })).get(attached) as T
}

cacheConformance({ name: 'in memory', open: () => of(cached) }, it)
objectStoreConformance({ name: 'in memory', open: () => of(files) }, it)
thirdPartyConformance({ name: 'in memory', open: () => answering(payments, thirdPartyScript) }, it)

let server: Server
let url: string

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', async () => {
      const text = Buffer.concat(chunks).toString()
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://x')
      const { status = 200, json } = await thirdPartyScript({
        method: request.method ?? '',
        path: pathname.replace('/api', ''),
        query: Object.fromEntries(searchParams),
        headers: request.headers as Record<string, string>,
        json: text === '' ? undefined : JSON.parse(text),
      })
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(json === undefined ? '' : JSON.stringify(json))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

async function realPayments(values = {}) {
  const all = { PAYMENTS_URL: url, PAYMENTS_SECRET: 's3cret-of-payments', ...values }
  const attachments = await attach([payments], all, systemWorld)
  return { attachments, client: attachments.clients.get(payments) as never }
}

thirdPartyConformance({ name: 'over HTTP', open: async () => (await realPayments()).client }, it)

it('the secret goes into its header, whatever a caller says', async () => {
  const { client } = await realPayments()
  const { body } = await (client as ReturnType<typeof answering>).get('/echo', {
    headers: { authorization: 'mine' },
  })
  expect(body).toMatchObject({ headers: { authorization: 'Bearer s3cret-of-payments' } })
})

it('a path below the URL does not lead out of it, and a redirect is not followed', async () => {
  const { client } = await realPayments()
  const party = client as ReturnType<typeof answering>
  for (const path of ['/../other', '/..%2fx/../../other', '/a/../../../x']) {
    await expect(party.get(path)).rejects.toMatchObject({ code: 'DURE_RESOURCE_INPUT' })
  }
  expect((await party.get('/status/302')).status).toBe(302)
})

it('a third party that is away is unavailable, its address and secret in no message, and the health says it', async () => {
  const { client, attachments } = await realPayments({ PAYMENTS_URL: 'http://127.0.0.1:1' })
  const party = client as ReturnType<typeof answering>
  const error = await party.get('/echo').catch((it: unknown) => it)
  expect(error).toMatchObject({
    code: 'DURE_RESOURCE_UNAVAILABLE',
    message: expect.stringMatching(/^payments cannot be used: /),
  })
  expect(await attachments.problems()).toEqual({ required: [], optional: [] })
  for (let i = 0; i < 4; i++) await party.get('/echo').catch(() => undefined)
  expect(await attachments.problems()).toEqual({
    required: [],
    optional: ['payments cannot be used: the breaker is open.'],
  })
})

it('the breaker lets one call try after a while, and that one decides', async () => {
  const world = testWorld()
  let status = 500
  let asked = 0
  const party = answering(payments, () => (asked++, { status }), world)
  const codes = async (): Promise<unknown> =>
    party.get('/').then(
      (it) => it.status,
      (error) => error.message,
    )
  for (let i = 0; i < 5; i++) expect(await codes()).toMatch(/it answered 500/)
  expect(await codes()).toMatch(/breaker open/)
  world.advance(10_000)
  expect(await codes()).toMatch(/it answered 500/)
  expect(await codes()).toMatch(/breaker open/)
  expect(asked).toBe(6)
  world.advance(10_000)
  status = 200
  const both = await Promise.all([codes(), codes()])
  expect(both).toEqual([200, expect.stringMatching(/breaker half-open/)])
  expect(await codes()).toBe(200)
})

it('a failure between answers does not add up', async () => {
  let n = 0
  const party = answering(payments, () => ({ status: ++n % 2 === 0 ? 200 : 500 }))
  for (let i = 0; i < 20; i++) await party.get('/').catch(() => undefined)
  expect(n).toBe(20)
})

it('nothing stands in for a third party or a database unless a test says what', async () => {
  const legacy = resource.database('legacy')
  await expect(of(legacy).query('select 1')).rejects.toMatchObject({
    message: 'legacy cannot be used: nothing stands in for it: give standIns(system, […]) one.',
  })
  const mail = config({
    SMTP_URL: { about: 'the server that mail is sent by', read: config.url('smtp') },
    MAIL_FROM: { about: 'who it is from', read: config.text(), default: 'shop' },
  })
  expect(() => of(mail)).toThrow(/SMTP_URL: it is not set \(the server that mail is sent by\)/)
})

it('a cache that is away costs a load and fails nobody, and fails whoever asks it outright', async () => {
  const attachments = await attach([cached], { CACHED_URL: 'redis://:pa55word@127.0.0.1:1' }, systemWorld)
  const cache = attachments.clients.get(cached) as ReturnType<typeof of<never>> as import('dure').Cache<never>
  const value = { unit: 'KRW', at: new Date(0) } as never
  expect(await cache.through('k', { ttlMs: 1000 }, async () => value)).toBe(value)
  const error = await cache.get('k').catch((it: Error) => it)
  expect(error).toMatchObject({ code: 'DURE_RESOURCE_UNAVAILABLE' })
  expect(String(error)).not.toContain('pa55word')
  expect((await attachments.problems()).optional).toHaveLength(1)
  await attachments.close()
})
