import { generateKeyPairSync } from 'node:crypto'
import { connect } from 'node:net'
import { createHost, systemWorld, type Host } from 'dure/host'
import { createHttp, type HttpFailure } from 'dure/http'
import { clientCertificates, oidc, serviceTokens, type Caller, type Identity, type Key } from 'dure/identity'
import { memoryStorage } from 'dure/memory'
import { localIssuer, type Issuer } from '../fixtures/issuer.ts'
import { Desk, helpDesk } from '../fixtures/tickets.ts'

/** What came back, as bytes say it. */
export interface RawAnswer {
  readonly status: number
  readonly headers: string
  readonly body: Readonly<Record<string, unknown>>
}

/** The help desk behind HTTP, with users, services and certificates. */
export interface GuardedDesk extends AsyncDisposable {
  readonly host: Host
  readonly issuer: Issuer
  readonly url: string
  /** All that was logged, as one text. */
  logged(): string
  /** A ticket of this customer. */
  ticketOf(customer: string): Promise<string>
  /** Sends a request with exactly these header lines, and reads the answer. */
  raw(line: string, headers?: readonly string[], body?: object): Promise<RawAnswer>
  /** The header line of a service that asks. */
  signed(audience: string, caller: Caller): Promise<string>
}

export async function guardedDesk(more: readonly Identity[] = []): Promise<GuardedDesk> {
  const issuer = await localIssuer()
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const [key, peer] = [privateKey, publicKey].map((it) => it.export({ format: 'jwk' })) as [Key, Key]
  const services = serviceTokens({ key, peers: { Reports: peer } })
  const signer = await services.signer(systemWorld)
  const lines: string[] = []
  const host = await createHost(helpDesk, {
    storage: memoryStorage(),
    log: (level, message, fields) =>
      void lines.push(JSON.stringify([level, message, fields, String(fields['error'])])),
  })
  const http = createHttp({
    system: helpDesk,
    application: host.application,
    world: systemWorld,
    identity: [oidc({ issuer: issuer.url, audience: 'desk' }), services, ...more],
    log: (failure: HttpFailure) => void lines.push(JSON.stringify(failure)),
  })
  const { port } = await http.listen({ port: 0 })
  return {
    host,
    issuer,
    url: `http://127.0.0.1:${port}`,
    logged: () => lines.join('\n'),
    async ticketOf(customer) {
      const { id } = await host
        .client({ actor: customer })
        .insist(Desk.commands.open, { customer, text: 'x' })
      return id
    },
    raw: (line, headers = [], body) => exchange(port, line, headers, body),
    signed: async (audience, caller) =>
      `authorization: ${(await signer.headersFor(audience, caller))['authorization']}`,
    async [Symbol.asyncDispose]() {
      await http.close()
      await host.close()
      await issuer[Symbol.asyncDispose]()
    },
  }
}

function exchange(
  port: number,
  line: string,
  headers: readonly string[],
  body: object | undefined,
): Promise<RawAnswer> {
  const text = body === undefined ? '' : JSON.stringify(body)
  const about = body === undefined ? [] : ['content-type: application/json', `content-length: ${text.length}`]
  const head = [`${line} HTTP/1.1`, 'host: desk', 'connection: close', ...about, ...headers]
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(`${head.join('\r\n')}\r\n\r\n${text}`))
    let heard = ''
    socket.on('data', (chunk) => (heard += String(chunk)))
    socket.on('error', reject)
    socket.on('close', () => {
      const [top = '', rest = ''] = heard.split('\r\n\r\n', 2)
      const status = Number(top.split(' ', 2)[1])
      resolve({ status, headers: top.toLowerCase(), body: rest === '' ? {} : (JSON.parse(rest) as never) })
    })
  })
}

/** Certificates that a proxy on this machine has checked. */
export const certificates = clientCertificates({ services: { Reports: 'spiffe://shop/reports' } })
