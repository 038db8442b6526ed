import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { fault } from '../kernel/errors/fault.ts'
import { accepted, openEdge, order } from '../../test/fixtures/http.ts'
import type { CommandCall, CommandReply } from '../app/calls.ts'

const { calls, answers, development, send, problem, reset, close } = openEdge()
beforeEach(reset)
afterAll(close)

describe('a command', () => {
  it('of a service path reaches the application with its envelope', async () => {
    const answer = await send('POST', '/c/ordering/placeOrder', order, {
      'idempotency-key': 'k-1',
      'x-request-id': 'r-1',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      'if-match': 'W/"3"',
      'dure-token': 'tok.0',
      'request-timeout': '1500',
    })
    expect(answer.status).toBe(200)
    expect(answer.headers['x-request-id']).toBe('r-1')
    expect(calls.commands).toMatchObject([
      {
        context: 'Ordering',
        command: 'placeOrder',
        input: order,
        expectedVersion: 3,
        notBefore: 'tok.0',
        envelope: {
          actor: 'anonymous',
          tenant: '',
          key: 'k-1',
          correlation: 'r-1',
          traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
        },
      },
    ])
    const { id, deadline } = (calls.commands[0] as CommandCall).envelope
    expect(id).not.toBe('r-1')
    expect((deadline as Date).getTime() - Date.now()).toBeLessThanOrEqual(1500)
  })

  it('answers with the reply, its version and its token', async () => {
    const answer = await send('POST', '/orders', order)
    expect(answer.json()).toEqual({
      id: 'o-1',
      version: 1,
      token: 'tok.1',
      events: [{ type: 'OrderPlaced', data: { total: 10 } }],
    })
    expect(answer.headers).toMatchObject({
      etag: '"1"',
      'dure-token': 'tok.1',
      'content-type': 'application/json; charset=utf-8',
      'x-content-type-options': 'nosniff',
    })
    expect(answer.headers).not.toHaveProperty('x-request-id')
    const { id, correlation } = (calls.commands[0] as CommandCall).envelope
    expect(correlation).toBe(id)
    expect(answer.headers['access-control-allow-origin']).toBeUndefined()
  })

  it('that creates is 201, and says where the created can be read', async () => {
    answers.command = () => ({ ...accepted, id: 'a/b c', created: true }) as CommandReply
    const answer = await send('POST', '/orders', order)
    expect(answer.status).toBe(201)
    expect(answer.headers['location']).toBe('/orders/a%2Fb%20c')
    const other = await send('POST', '/c/inventory/openStock', { product: 'p', quantity: 1 })
    expect(other.status).toBe(201)
    expect(other.headers['location']).toBeUndefined()
  })

  it('that the domain rejects is 422, with the name and its data', async () => {
    answers.command = () => ({ ok: false, rejected: 'AlreadyDecided', data: { status: 'approved' } })
    expect(await problem('POST', '/c/ordering/approveOrder', { id: 'o-1' })).toEqual({
      type: 'urn:dure:error:DURE_REJECTED',
      title: 'The domain said no',
      status: 422,
      detail: 'The command was rejected: AlreadyDecided.',
      code: 'DURE_REJECTED',
      rejected: 'AlreadyDecided',
      data: { status: 'approved' },
    })
  })

  it('takes a key in quotes or bare, any version, and a fresh trace for one that cannot be read', async () => {
    await send('POST', '/orders', order, {
      'idempotency-key': '"k-2"',
      'if-match': '*',
      traceparent: 'nonsense',
    })
    const call = calls.commands[0] as CommandCall
    expect(call.envelope.key).toBe('k-2')
    expect(call).not.toHaveProperty('expectedVersion')
    expect(call.envelope).not.toHaveProperty('traceparent')
  })

  it('is by whom it says only in development', async () => {
    const headers = { 'content-type': 'application/json', 'dure-actor': 'kim' }
    await send('POST', '/orders', order, headers)
    await development.inject({
      method: 'POST',
      url: '/orders',
      headers,
      payload: JSON.stringify(order),
    })
    expect(calls.commands.map((it) => it.envelope.actor)).toEqual(['anonymous', 'kim'])
  })

  it('needs no body where it needs no field', async () => {
    expect(await problem('POST', '/c/ordering/eraseOrder')).toMatchObject({
      status: 400,
      issues: [{ path: '/id', message: 'is required' }],
    })
    expect((await send('POST', '/c/ordering/eraseOrder?id=o-1')).status).toBe(200)
    expect(calls.commands[0]?.input).toEqual({ id: 'o-1' })
  })
})

describe('a query', () => {
  it('is asked by GET, by POST and at its route, not older than a token', async () => {
    expect(
      (await send('GET', '/q/ordering/orders?status=pending', undefined, { 'dure-token': 't.1' })).status,
    ).toBe(200)
    expect((await send('POST', '/q/ordering/orders', { status: 'pending' })).status).toBe(200)
    expect((await send('GET', '/orders/o%2F1')).json()).toEqual({ id: 'o/1' })
    expect(calls.queries.map((it) => [it.query, it.notBefore])).toEqual([
      ['orders', 't.1'],
      ['orders', undefined],
      ['orderById', undefined],
    ])
  })

  it('answers HEAD like GET, without a body', async () => {
    const answer = await send('HEAD', '/orders/o-1')
    expect([answer.status, answer.body]).toEqual([200, ''])
    expect(answer.headers['cache-control']).toBe('no-store')
  })

  it('that finds nothing is 404', async () => {
    answers.query = () => {
      throw fault('DURE_QUERY_NOTHING', { context: 'Ordering', query: 'orderById' })
    }
    expect(await problem('GET', '/orders/o-1')).toMatchObject({ status: 404, code: 'DURE_QUERY_NOTHING' })
  })
})
