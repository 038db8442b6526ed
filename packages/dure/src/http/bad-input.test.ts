import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { type Method, openEdge, order } from '../../test/fixtures/http.ts'

const { calls, send, problem, reset, close } = openEdge()
beforeEach(reset)
afterAll(close)

const body = (reason: RegExp) => ({
  status: 400,
  code: 'DURE_HTTP_BODY',
  detail: expect.stringMatching(reason) as string,
})
const invalid = (path: string) => ({ status: 400, code: 'DURE_COMMAND_INVALID', issues: [{ path }] })

describe('bad input', () => {
  it.each<[string, unknown, object]>([
    ['malformed JSON', '{"customer":', body(/not JSON/)],
    ['an empty body', '', body(/empty/)],
    ['a list', [order], body(/expected an object, found a list/)],
    ['a text', '"order"', body(/found a string/)],
    ['null', 'null', body(/found null/)],
    ['two values', '{}{}', body(/not JSON/)],
    ['a wrong type', { ...order, customer: 1 }, invalid('/customer')],
    ['a bad id', { ...order, customer: 'x'.repeat(201) }, invalid('/customer')],
    ['an unknown field', { ...order, discount: 100 }, invalid('/discount')],
    ['an unknown field deep inside', { ...order, shipTo: { ...order.shipTo, x: 1 } }, invalid('/shipTo/x')],
    ['a key __proto__', '{"__proto__":{"polluted":1}}', body(/named __proto__/)],
    ['a key __proto__ in disguise', '{"a":[{"\\u005f_proto__":{"polluted":1}}]}', body(/named __proto__/)],
    ['constructor.prototype', '{"constructor":{"prototype":{"polluted":1}}}', body(/named constructor/)],
    ['65 levels', `${'['.repeat(65)}${']'.repeat(65)}`, body(/64 levels/)],
    ['100,000 levels', '['.repeat(100_000), body(/64 levels/)],
    [
      'bytes that are not UTF-8',
      Buffer.from([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x3a, 0x31, 0x7d]),
      body(/not UTF-8/),
    ],
    ['half a surrogate pair in UTF-8', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), body(/not UTF-8/)],
  ])('%s is refused', async (_, sent, expected) => {
    expect(await problem('POST', '/orders', sent)).toMatchObject(expected)
    expect(calls.commands).toEqual([])
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
  })

  it('brackets in texts, and many side by side, are not levels', async () => {
    const sent = { customer: `\\"${'[{'.repeat(100)}`, lines: Array.from({ length: 100 }, () => ({})) }
    expect(await problem('POST', '/orders', sent)).toMatchObject({ code: 'DURE_COMMAND_INVALID' })
  })

  it('64 levels are read', async () => {
    const deep = `{"customer":${'['.repeat(63)}"}]"${']'.repeat(63)}}`
    expect(await problem('POST', '/orders', deep)).toMatchObject({ code: 'DURE_COMMAND_INVALID' })
  })

  it.each([
    ['text/plain', '{}'],
    ['application/xml', '<order/>'],
    ['multipart/form-data; boundary=x', '--x--'],
    ['application/x-www-form-urlencoded', 'a=1'],
    ['application/json; charset=latin1', '{}'],
    ['application/json; charset="utf-16"', '{}'],
    ['nonsense', '{}'],
  ])('%s is 415', async (type, sent) => {
    expect(await problem('POST', '/orders', sent, { 'content-type': type })).toMatchObject({
      status: 415,
      code: 'DURE_HTTP_MEDIA_TYPE',
    })
  })

  it.each(['application/json; charset=utf-8', 'application/json;charset="UTF-8"', 'Application/JSON'])(
    '%s is JSON',
    async (type) => {
      expect((await send('POST', '/orders', order, { 'content-type': type })).status).toBe(200)
    },
  )

  it('a body over the limit is 413', async () => {
    const answer = await problem('POST', '/orders', { x: 'y'.repeat(1024 * 1024) })
    expect(answer).toMatchObject({
      status: 413,
      code: 'DURE_HTTP_BODY_TOO_LARGE',
      details: { limit: 1048576 },
    })
  })

  it.each<[string, string, string]>([
    ['idempotency-key', 'a, b', 'DURE_HTTP_HEADER'],
    ['idempotency-key', '"open', 'DURE_HTTP_HEADER'],
    ['idempotency-key', 'x'.repeat(256), 'DURE_HTTP_HEADER'],
    ['if-match', '3', 'DURE_HTTP_HEADER'],
    ['if-match', '"0"', 'DURE_HTTP_HEADER'],
    ['if-match', '"3", "4"', 'DURE_HTTP_HEADER'],
    ['x-request-id', 'two words', 'DURE_HTTP_HEADER'],
    ['request-timeout', 'soon', 'DURE_HTTP_HEADER'],
  ])('the header %s: %s is refused', async (header, text, code) => {
    expect(await problem('POST', '/orders', order, { [header]: text })).toMatchObject({ status: 400, code })
  })

  it.each<[Method, string, object]>([
    ['GET', '/nowhere', { status: 404, code: 'DURE_HTTP_ROUTE' }],
    ['POST', '/c/nowhere/placeOrder', { status: 404, code: 'DURE_HTTP_ROUTE' }],
    ['POST', '/c/Ordering/placeOrder', { status: 404, code: 'DURE_HTTP_ROUTE' }],
    ['POST', '/c/ordering/toString', { status: 404, code: 'DURE_COMMAND_UNKNOWN' }],
    [
      'GET',
      '/q/ordering/order',
      { status: 404, code: 'DURE_QUERY_UNKNOWN', hint: 'Known are orderById, orders.' },
    ],
    ['GET', '/orders/%ff', { status: 400, code: 'DURE_HTTP_URL' }],
    ['GET', '/orders/%', { status: 400, code: 'DURE_HTTP_URL' }],
    [
      'GET',
      `/orders/${'x'.repeat(300)}`,
      { status: 400, code: 'DURE_COMMAND_INVALID', issues: [{ path: '/id' }] },
    ],
    ['GET', '/orders/a%00b', { status: 400, code: 'DURE_COMMAND_INVALID' }],
    ['GET', '/orders/1?extra=1', { status: 400, issues: [{ path: '/extra' }] }],
    ['GET', '/orders/1?__proto__=1', { status: 400, issues: [{ path: '/__proto__' }] }],
    ['GET', '/orders/1?id=2', { status: 400, code: 'DURE_HTTP_INPUT_TWICE' }],
    [
      'GET',
      '/q/ordering/orders?status=pending&status=pending',
      { status: 400, issues: [{ path: '/status' }] },
    ],
  ])('%s %s is refused', async (method, url, expected) => {
    expect(await problem(method, url)).toMatchObject(expected)
  })

  it('a method that the path does not know is 405 with Allow, and OPTIONS says the same', async () => {
    expect(await problem('DELETE', '/orders/1')).toMatchObject({ status: 405, code: 'DURE_HTTP_METHOD' })
    expect((await send('GET', '/c/ordering/placeOrder')).headers['allow']).toBe('OPTIONS, POST')
    const options = await send('OPTIONS', '/orders/1')
    expect([options.status, options.headers['allow'], options.body]).toEqual([204, 'GET, HEAD, OPTIONS', ''])
  })
})
