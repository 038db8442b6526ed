import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { fault } from '../kernel/errors/fault.ts'
import { openEdge, order, shopHttp } from '../../test/fixtures/http.ts'

const { answers, application, development, failures, send, reset, close } = openEdge()
beforeEach(reset)
afterAll(close)

describe('errors of the application', () => {
  it.each([
    [fault('DURE_VERSION_STALE', { aggregate: 'Order', id: 'o', expected: 3, found: 4 }), 412],
    [fault('DURE_AGGREGATE_NOT_FOUND', { aggregate: 'Order', id: 'o' }), 404],
    [fault('DURE_AGGREGATE_ENDED', { aggregate: 'Order', id: 'o' }), 404],
    [fault('DURE_AGGREGATE_EXISTS', { aggregate: 'Order', id: 'o' }), 409],
    [fault('DURE_VERSION_CONFLICT', { aggregate: 'Order', id: 'o', expected: 3 }), 409],
    [fault('DURE_KEY_REUSED', { key: 'k' }), 422],
    [fault('DURE_TOKEN_INVALID', { reason: 'x' }), 400],
    [fault('DURE_DEADLINE', { what: 'x' }), 503],
  ])('%s is %i', async (error, status) => {
    answers.command = () => {
      throw error
    }
    const answer = await send('POST', '/orders', order)
    expect(answer.status).toBe(status)
    expect(answer.json()).toMatchObject({ status, code: error.code, detail: error.message, hint: error.hint })
    expect(answer.headers['retry-after']).toBe(status === 503 ? '1' : undefined)
    expect(failures).toEqual([])
  })

  it.each([
    new Error('password is hunter2'),
    fault('DURE_EVENT_INVALID', { event: 'OrderPlaced', issues: [{ path: '/total', message: 'hunter2' }] }),
    'hunter2',
    Object.assign(new Error('hunter2'), { statusCode: 404, code: 'ENOENT' }),
  ])('what fails inside is 500: an id for the caller, the rest for the log', async (error) => {
    answers.command = () => {
      throw error
    }
    const answer = await send('POST', '/orders', order)
    expect(answer.status).toBe(500)
    expect(answer.body).not.toContain('hunter2')
    expect(answer.json()).toMatchObject({
      code: 'DURE_HTTP_INTERNAL',
      instance: `urn:uuid:${failures[0]?.id}`,
    })
    expect(failures).toMatchObject([{ method: 'POST', path: '/orders', error }])
    const open = await development.inject({
      method: 'POST',
      url: '/orders',
      headers: { 'content-type': 'application/json' },
      payload: '{}',
    })
    expect(open.statusCode).toBe(400)
  })

  it('what fails inside is told in development', async () => {
    answers.command = () => {
      throw fault('DURE_DECISION_INVALID', { command: 'Order.place', found: 'nothing' })
    }
    const payload = JSON.stringify(order)
    const answer = await development.inject({
      method: 'POST',
      url: '/orders',
      headers: { 'content-type': 'application/json' },
      payload,
    })
    expect(answer.json()).toMatchObject({
      status: 500,
      code: 'DURE_DECISION_INVALID',
      detail: 'Order.place returned nothing.',
    })
  })
})

describe('health', () => {
  it('lives without asking anybody, and is ready when nothing is in the way', async () => {
    expect((await send('GET', '/healthz')).json()).toEqual({ status: 'live' })
    expect((await send('GET', '/readyz')).json()).toEqual({ status: 'ready' })
  })

  it.each([
    [() => Promise.resolve(['the store does not answer']), ['the store does not answer']],
    [() => Promise.reject(new Error('secret')), ['the check of readiness failed']],
  ])('is 503 with the reasons', async (ready, reasons) => {
    const other = shopHttp(application, { ready }).http
    const answer = await other.server.inject('/readyz')
    expect([answer.statusCode, answer.headers['retry-after']]).toEqual([503, '1'])
    expect(answer.json()).toMatchObject({ code: 'DURE_HTTP_NOT_READY', details: { reasons } })
    expect((await other.server.inject('/healthz')).statusCode).toBe(200)
    await other.close()
  })
})
