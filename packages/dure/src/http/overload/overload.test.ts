import { connect } from 'node:net'
import { once } from 'node:events'
import { afterEach, expect, test } from 'vitest'
import { accepted, order, scripted, shopHttp } from '../../../test/fixtures/http.ts'
import type { Http, HttpOptions } from '../http.ts'

let http: Http | undefined
afterEach(async () => {
  await http?.close(0)
  http = undefined
})

/** Waits until so many requests are worked on or wait. */
async function busy(count: number): Promise<void> {
  await expect.poll(() => http?.busy, { interval: 1 }).toBe(count)
}

/** The shop behind HTTP whose commands take until `finish` is called. */
async function busyShop(options: Partial<HttpOptions>) {
  const waiting: (() => void)[] = []
  const application = scripted(() => new Promise((resolve) => waiting.push(() => resolve(accepted))))
  http = shopHttp(application, options).http
  const { port } = await http.listen({ port: 0 })
  const url = `http://127.0.0.1:${port}`
  return {
    url,
    port,
    waiting,
    place: (body: string = JSON.stringify(order)) =>
      fetch(`${url}/c/ordering/placeOrder`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      }),
    begun: async (count: number) => {
      while (waiting.length < count) await new Promise((resolve) => setImmediate(resolve))
    },
    finish: () => waiting.splice(0).forEach((it) => it()),
  }
}

test('one request too many is answered 503 with Retry-After at once; health and documents are answered', async () => {
  const shop = await busyShop({ overload: { limit: 1, queue: 1 } })
  const first = shop.place()
  await shop.begun(1)
  const second = shop.place()
  await busy(2)
  const third = await shop.place()
  expect([third.status, third.headers.get('retry-after')]).toEqual([503, '1'])
  expect(await third.json()).toMatchObject({ code: 'DURE_HTTP_OVERLOADED', status: 503 })
  for (const path of ['/healthz', '/readyz', '/openapi.json']) {
    expect([path, (await fetch(`${shop.url}${path}`)).status]).toEqual([path, 200])
  }
  shop.finish()
  expect((await first).status).toBe(200)
  await shop.begun(1)
  shop.finish()
  expect((await second).status).toBe(200)
  expect(http?.busy).toBe(0)
})

test('a wait that is too long ends with 503 though nothing ends', async () => {
  const shop = await busyShop({ overload: { limit: 1, queue: 1, waitMs: 50 } })
  const first = shop.place()
  await shop.begun(1)
  expect((await shop.place()).status).toBe(503)
  shop.finish()
  expect((await first).status).toBe(200)
})

test('a request that fails before its handler, or whose client goes, takes no place for ever', async () => {
  const shop = await busyShop({ overload: { limit: 2, queue: 0 } })
  expect((await shop.place('{')).status).toBe(400)
  for (let i = 0; i < 3; i++) {
    const socket = connect(shop.port, '127.0.0.1')
    socket.write(
      'POST /c/ordering/placeOrder HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 50\r\n\r\n{',
    )
    await busy(1)
    socket.destroy()
    await once(socket, 'close')
    await busy(0)
  }
  // What a handler has begun counts until it ends, also when nobody waits for it.
  const cancel = new AbortController()
  const gone = fetch(`${shop.url}/c/ordering/placeOrder`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(order),
    signal: cancel.signal,
  })
  await shop.begun(1)
  cancel.abort()
  await expect(gone).rejects.toThrow('aborted')
  expect(http?.busy).toBe(1)
  shop.finish()
  await busy(0)
})

test('a client that leaves the queue gets no turn', async () => {
  const shop = await busyShop({ overload: { limit: 1, queue: 1 } })
  const first = shop.place()
  await shop.begun(1)
  const cancel = new AbortController()
  const gone = fetch(`${shop.url}/q/ordering/orders`, { signal: cancel.signal })
  await busy(2)
  cancel.abort()
  await expect(gone).rejects.toThrow('aborted')
  shop.finish()
  expect((await first).status).toBe(200)
  const again = shop.place()
  await shop.begun(1)
  shop.finish()
  expect((await again).status).toBe(200)
  expect(http?.busy).toBe(0)
})

test('the rate of a caller is limited with 429 and Retry-After', async () => {
  const shop = await busyShop({ rateLimit: 2, development: true })
  const ask = (actor: string) => fetch(`${shop.url}/q/ordering/orders`, { headers: { 'dure-actor': actor } })
  const answers = await Promise.all(Array.from({ length: 5 }, () => ask('bora')))
  const limited = answers.filter((it) => it.status === 429)
  expect(limited.length).toBeGreaterThanOrEqual(2)
  expect(limited[0]?.headers.get('retry-after')).toBe('1')
  expect(await limited[0]?.json()).toMatchObject({ code: 'DURE_HTTP_RATE_LIMITED' })
  expect((await ask('jun')).status).not.toBe(429)
})

test('while stopping it is not ready, answers what comes, and says how many it cut off', async () => {
  const shop = await busyShop({})
  const never = shop.place().catch(() => 'cut')
  await shop.begun(1)
  http?.leave()
  const ready = await fetch(`${shop.url}/readyz`)
  expect([ready.status, ((await ready.json()) as { detail: string }).detail]).toEqual([
    503,
    'Not ready: the process is stopping.',
  ])
  expect((await fetch(`${shop.url}/healthz`)).status).toBe(200)
  expect(await http?.close(50)).toBe(1)
  expect(await never).toBe('cut')
  shop.finish()
})

test('an answer that was under way when the closing began is the last one on its connection', async () => {
  const shop = await busyShop({})
  const placed = shop.place()
  await shop.begun(1)
  const closed = http?.close()
  shop.finish()
  const answer = await placed
  expect([answer.status, answer.headers.get('connection')]).toEqual([200, 'close'])
  expect(await closed).toBe(0)
})

test('an address that is not of this machine is named', async () => {
  const { http: other } = shopHttp()
  await expect(other.listen({ host: '203.0.113.7', port: 0 })).rejects.toMatchObject({
    code: 'DURE_HOST_ADDRESS',
    message: 'Cannot listen on 203.0.113.7, port 0: no such address on this machine.',
  })
  await other.close()
})
