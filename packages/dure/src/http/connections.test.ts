import { Agent, request, type IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import type { Http, HttpOptions } from 'dure/http'
import type { Application } from 'dure/host'
import { accepted, order, scripted, shopHttp } from '../../test/fixtures/http.ts'

const open: { http?: Http; sockets: Socket[] } = { sockets: [] }

async function start(application?: Application, options?: Partial<HttpOptions>): Promise<number> {
  const { http } = shopHttp(application, options)
  open.http = http
  const { port } = await http.listen({ port: 0 })
  return port
}

afterEach(async () => {
  for (const it of open.sockets.splice(0)) it.destroy()
  await open.http?.close()
})

function dial(port: number): Socket {
  const socket = connect(port, '127.0.0.1')
  socket.setEncoding('utf8').on('error', () => undefined)
  open.sockets.push(socket)
  return socket
}

/** Everything that comes back until the server closes, or `enough` is there. */
function talk(socket: Socket, text: string, enough = /\r\n\r\n.*}$/s): Promise<string> {
  return new Promise((resolve) => {
    let got = ''
    socket.on('data', (it: string) => {
      got += it
      if (enough.test(got)) resolve(got)
    })
    socket.once('close', () => resolve(got))
    socket.write(text)
  })
}

const head = (line: string, ...headers: string[]): string =>
  `${[line, 'host: x', ...headers].join('\r\n')}\r\n\r\n`

describe('what is no proper request', () => {
  it.each([
    ['text that is not HTTP', 'hello\r\n\r\n', 400, 'DURE_HTTP_REQUEST'],
    [
      'two lengths',
      head('POST /orders HTTP/1.1', 'content-length: 3', 'content-length: 4'),
      400,
      'DURE_HTTP_REQUEST',
    ],
    [
      'a length and chunks',
      head('POST /orders HTTP/1.1', 'content-length: 3', 'transfer-encoding: chunked'),
      400,
      'DURE_HTTP_REQUEST',
    ],
    [
      'a header of 20 KiB',
      head('GET /orders/1 HTTP/1.1', `x: ${'y'.repeat(20_000)}`),
      431,
      'DURE_HTTP_HEADERS_TOO_LARGE',
    ],
    [
      'a URL of 20 KiB',
      head(`GET /orders/${'y'.repeat(20_000)} HTTP/1.1`),
      431,
      'DURE_HTTP_HEADERS_TOO_LARGE',
    ],
  ])('%s is answered by a problem document and a closed connection', async (_, text, status, code) => {
    const answer = await talk(dial(await start()), text)
    expect(answer).toContain(`HTTP/1.1 ${status} `)
    expect(answer).toContain('application/problem+json')
    expect(answer).toContain(`"code":"${code}"`)
    expect(answer).toContain('connection: close')
  })

  it('a header that never ends is given up', async () => {
    const port = await start(undefined, { timeouts: { headerMs: 100, requestMs: 200 } })
    const answer = await talk(dial(port), 'GET /orders/1 HTTP/1.1\r\nhost: x\r\nx-slow: ')
    expect(answer).toContain('HTTP/1.1 408 ')
    expect(answer).toContain('"code":"DURE_HTTP_TIMEOUT"')
  })

  it('a body that never ends is given up', async () => {
    const port = await start(undefined, { timeouts: { headerMs: 100, requestMs: 200 } })
    const lines = head('POST /orders HTTP/1.1', 'content-type: application/json', 'content-length: 100')
    expect(await talk(dial(port), `${lines}{`)).toContain('HTTP/1.1 408 ')
  })

  it.each(['PROPFIND', 'TRACE', 'QUERY'])('%s is no method of a path', async (method) => {
    const answer = await talk(dial(await start()), head(`${method} /orders HTTP/1.1`, 'connection: close'))
    expect(answer).toMatch(/^HTTP\/1.1 40[05] /)
    expect(answer).toContain('application/problem+json')
  })

  it('OPTIONS * and an absolute address do no harm', async () => {
    const port = await start()
    expect(await talk(dial(port), head('OPTIONS * HTTP/1.1'))).toMatch(/^HTTP\/1.1 (204|40\d) /)
    expect(await talk(dial(port), head('GET http://x/orders/1 HTTP/1.1'))).toMatch(/^HTTP\/1.1 (200|404) /)
  })
})

describe('a body of 50 MB', () => {
  const megabyte = Buffer.alloc(1024 * 1024, 0x20)

  it.each([
    ['announced', true],
    ['in chunks', false],
  ])('%s, is refused while it is sent, and dropped', async (_, announced) => {
    const port = await start()
    const before = process.memoryUsage().arrayBuffers
    const headers = {
      'content-type': 'application/json',
      ...(announced && { 'content-length': 50 * megabyte.length }),
    }
    const sent = request({
      port,
      path: '/orders',
      method: 'POST',
      headers,
      agent: new Agent({ keepAlive: true }),
    })
    sent.on('error', () => undefined) // it is cut off while writing
    const answered = new Promise<IncomingMessage>((resolve) => sent.once('response', resolve))
    const closed = new Promise((resolve) => sent.once('close', resolve))
    let left = 50
    const more = (): void => {
      while (left-- > 0) if (!sent.write(megabyte)) return void sent.once('drain', more)
      sent.end()
    }
    more()
    const answer = await answered
    const [text] = await Promise.all([answer.setEncoding('utf8').toArray(), closed])
    expect(answer.statusCode).toBe(413)
    expect(JSON.parse(text.join(''))).toMatchObject({ code: 'DURE_HTTP_BODY_TOO_LARGE', status: 413 })
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(25e6)
  })

  it('reaches also a client that sends all of it before it reads', async () => {
    const socket = dial(await start())
    socket.pause()
    const lines = head(
      'POST /orders HTTP/1.1',
      'content-type: application/json',
      `content-length: ${50 * 2 ** 20}`,
    )
    socket.write(lines)
    for (let i = 0; i < 50; i++) {
      if (!socket.write(megabyte)) await new Promise((resolve) => socket.once('drain', resolve))
    }
    const answer = talk(socket, '')
    socket.resume()
    expect(await answer).toContain('HTTP/1.1 413 ')
  })
})

describe('closing', () => {
  it('answers what is in flight, drops idle connections, and accepts nothing more', async () => {
    const work = Promise.withResolvers<void>()
    const begun = Promise.withResolvers<void>()
    const port = await start(
      scripted(async () => {
        begun.resolve()
        await work.promise
        return accepted
      }),
    )
    const idle = dial(port)
    await talk(idle, head('GET /healthz HTTP/1.1'))
    const dropped = new Promise((resolve) => idle.once('close', resolve))
    const answer = fetch(`http://127.0.0.1:${port}/orders`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(order),
    })
    await begun.promise
    const closed = open.http?.close()
    await dropped
    await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow('fetch failed')
    work.resolve()
    expect((await answer).status).toBe(200)
    const start2 = performance.now()
    await closed
    expect(performance.now() - start2).toBeLessThan(1000) // the connection was kept alive, and is not waited for
  })

  it('cuts what does not end in time', async () => {
    const port = await start(
      scripted(() => new Promise(() => undefined)),
      { timeouts: { closeMs: 100 } },
    )
    const sent = head('POST /orders HTTP/1.1', 'content-type: application/json', 'content-length: 2')
    const socket = dial(port)
    const answer = talk(socket, `${sent}{}`)
    const stuck = dial(port)
    stuck.write(head('POST /orders HTTP/1.1', 'content-length: 5'))
    const closed = open.http?.close()
    expect(await answer).toBe('')
    await closed
  })

  it('says which port is taken', async () => {
    const port = await start()
    const { http } = shopHttp()
    await expect(http.listen({ port })).rejects.toMatchObject({ code: 'DURE_PORT_IN_USE' })
    await http.close()
  })
})
