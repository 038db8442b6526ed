import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { systemWorld } from 'dure/host'
import { approve, callerOf, elsewhere, failureOf, orders } from '../../test/fixtures/elsewhere.ts'
import { fault } from '../kernel/errors/fault.ts'
import { remoteContexts } from './remote-contexts.ts'

/** A process that is no Dure. */
async function stranger(answer: RequestListener): Promise<string> {
  const server = createServer(answer)
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => server.close().closeAllConnections())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe('a context in another process', () => {
  it('is asked and told, with all that belongs to a call', async () => {
    const there = await elsewhere()
    const remote = await callerOf(there.url)
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

    expect(await remote.query(orders({ correlation: 'c-2', traceparent, notBefore: 'tok' }))).toEqual({
      status: 'pending',
    })
    expect(there.queries).toMatchObject([{ actor: 'ann', correlation: 'c-2', traceparent, notBefore: 'tok' }])

    const call = {
      ...approve({ key: 'k', causation: 'before', traceparent }),
      expectedVersion: 3,
      notBefore: 'tok',
    }
    expect(await remote.command(call)).toEqual({
      ok: true,
      id: 'o-1',
      version: 1,
      token: 'tok.1',
      events: [{ type: 'OrderPlaced', data: { total: 10 } }],
      created: false,
    })
    expect(there.commands).toMatchObject([
      {
        expectedVersion: 3,
        notBefore: 'tok',
        envelope: { actor: 'ann', key: 'k', correlation: 'c-1', causation: 'before', traceparent },
      },
    ])
  })

  it('gets each command under a key, the id of the command where there is none', async () => {
    const there = await elsewhere()
    const remote = await callerOf(there.url)
    const call = approve()
    await remote.command(call)
    await remote.command(call)
    await remote.command(approve({ key: '주문 1' }))
    const keys = there.commands.map((it) => it.envelope.key)
    expect(keys).toEqual([call.envelope.id, call.envelope.id, encodeURIComponent('주문 1')])
  })

  it('says no as itself, with the data of the rejection', async () => {
    const no = { ok: false as const, rejected: 'AlreadyDecided', data: { status: 'approved' } }
    const there = await elsewhere({ command: async () => no })
    expect(await (await callerOf(there.url)).command(approve())).toEqual(no)
  })

  it('fails as itself: code, kind, sentence and details, and which context it was', async () => {
    const stale = fault('DURE_VERSION_STALE', { aggregate: 'Order', id: 'o-1', expected: 1, found: 2 })
    const there = await elsewhere({
      command: () => Promise.reject(stale),
      query: () => Promise.reject(new Error('secret')),
    })
    const remote = await callerOf(there.url, { retry: { attempts: 1 } })
    expect(await failureOf(remote.command(approve()))).toEqual({
      code: stale.code,
      kind: 'stale',
      message: stale.message,
      details: { ...stale.details, remote: 'Ordering', status: 412 },
    })
    expect(await failureOf(remote.command({ ...approve(), input: { id: 1 } }))).toMatchObject({
      code: 'DURE_COMMAND_INVALID',
      kind: 'invalid',
      details: { remote: 'Ordering', issues: [{ path: '/id' }] },
    })
    expect(await failureOf(remote.query(orders()))).toMatchObject({
      kind: 'misuse',
      details: { remote: 'Ordering', status: 500, instance: expect.stringMatching(/^urn:uuid:/) as string },
    })
  })

  it('of another version is told apart: what it does not know, and what it answers otherwise', async () => {
    const remote = await callerOf((await elsewhere()).url)
    const failure = { code: 'DURE_REMOTE_VERSION', details: { remote: 'Ordering' } }
    expect(await failureOf(remote.query({ ...orders(), query: 'ordersByDay' }))).toMatchObject(failure)
    expect(await failureOf(remote.command({ ...approve(), command: 'archiveOrder' }))).toMatchObject(failure)
  })

  it.each<[string, RequestListener, object]>([
    [
      'a page of a proxy',
      (_, it) => void it.writeHead(404, { 'content-type': 'text/html' }).end('<h1>'),
      { code: 'DURE_REMOTE_ANSWER' },
    ],
    [
      'a proxy without a process behind it',
      (_, it) => void it.writeHead(502).end('<h1>bad gateway</h1>'),
      { code: 'DURE_REMOTE_UNAVAILABLE', kind: 'unavailable' },
    ],
    ['JSON of somebody else', (_, it) => void it.end('{"hello":1}'), { code: 'DURE_REMOTE_ANSWER' }],
    [
      'an answer that ends too early',
      (_, it) => void it.writeHead(200, { 'content-length': 9 }).write('{', () => it.destroy()),
      { code: 'DURE_REMOTE_UNAVAILABLE' },
    ],
    [
      'an answer without an end',
      (_, it) => {
        const more = (): void => void (it.destroyed || it.write(Buffer.alloc(4096), more))
        more()
      },
      { code: 'DURE_REMOTE_ANSWER', message: expect.stringMatching(/larger than 65536 bytes/) as string },
    ],
  ])('%s is no answer', async (_, answer, failure) => {
    const remote = await callerOf(await stranger(answer), { answerLimit: 65_536 })
    expect(await failureOf(remote.command(approve()))).toMatchObject(failure)
  })

  it('has an address, or is not known', async () => {
    const remote = await callerOf('http://127.0.0.1:1/prefix/')
    expect(await failureOf(remote.query({ ...orders(), context: 'Stock' }))).toMatchObject({
      code: 'DURE_REMOTE_UNKNOWN',
      details: { remote: 'Stock', known: ['Ordering'] },
    })
    const wrong = remoteContexts({ urls: { A: 'somewhere', B: 'ftp://b' }, world: systemWorld })
    expect(await failureOf(wrong)).toMatchObject({
      code: 'DURE_CONFIG_INVALID',
      message: expect.stringMatching(/URL of A.*\n.*URL of B/s) as string,
    })
  })

  it('is not asked any more when the connections are closed', async () => {
    const there = await elsewhere()
    const remote = await callerOf(there.url)
    await remote.close()
    expect(await failureOf(remote.query(orders()))).toMatchObject({ code: 'DURE_REMOTE_UNAVAILABLE' })
    expect(there.queries).toEqual([])
  })

  it('is asked on connections that stay open', async () => {
    const ports = new Set<number | undefined>()
    const url = await stranger((request, it) => {
      ports.add(request.socket.remotePort)
      it.end('{}')
    })
    const remote = await callerOf(url)
    for (let i = 0; i < 20; i++) await remote.query(orders())
    // The pool opens a second one while the first hands out its answer.
    expect(ports.size).toBeLessThanOrEqual(2)
  })

  it('has its address below a path of a gateway', async () => {
    const paths: (string | undefined)[] = []
    const url = await stranger((request, it) => (paths.push(request.url), it.end('{}')))
    await (await callerOf(`${url}/gate/`)).query(orders())
    expect(paths).toEqual(['/gate/q/ordering/orders'])
  })
})
