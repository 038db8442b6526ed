import { BlockList, isIP } from 'node:net'
import { fault } from '../kernel/errors/fault.ts'
import { mustBeOnce } from './bearer.ts'
import type { Identity, Presented } from './identity.ts'
import { refused } from './refusal.ts'

/** How services are known by the certificate that they showed to the proxy before this process. */
export interface ClientCertificatesOptions {
  /** Which context a certificate is of, by its URI: `{ Ordering: 'spiffe://cluster.local/ns/shop/sa/ordering' }`. */
  readonly services: Readonly<Record<string, string>>
  /** From where the header is believed: addresses of the proxy. The machine itself, where a sidecar stands, when absent. */
  readonly from?: readonly string[]
}

const HEADER = 'x-forwarded-client-cert'

/**
 * Services by mutual TLS that a proxy ends (Istio, Envoy): the proxy says in `x-forwarded-client-cert` whose certificate it
 * has checked. It has to set the header anew for every request (SANITIZE_SET), or anybody could write it.
 * @throws DURE_IDENTITY_INVALID
 */
export function clientCertificates(options: ClientCertificatesOptions): Identity {
  const trusted = proxiesOf(options.from ?? ['127.0.0.1', '::1'])
  const services = new Map(Object.entries(options.services).map(([name, uri]) => [uri, name]))
  return {
    name: 'certificate',
    scheme: undefined,
    async start() {
      return { kind: 'peer', service: (request) => serviceOf(request, trusted, services) }
    },
  }
}

function proxiesOf(from: readonly string[]): BlockList {
  const list = new BlockList()
  for (const address of from) {
    const version = isIP(address)
    if (version === 0) {
      const reason = 'it is no IP address'
      throw fault('DURE_IDENTITY_INVALID', { what: `the proxy ${JSON.stringify(address)}`, reason })
    }
    list.addAddress(address, version === 4 ? 'ipv4' : 'ipv6')
  }
  return list
}

function serviceOf(
  { headers, rawHeaders, socket }: Presented,
  trusted: BlockList,
  services: ReadonlyMap<string, string>,
): string | undefined {
  const text = headers[HEADER]
  if (typeof text !== 'string') return undefined
  const address = socket.remoteAddress ?? ''
  const version = isIP(address)
  if (version === 0 || !trusted.check(address, version === 4 ? 'ipv4' : 'ipv6')) {
    throw refused(`${HEADER} comes from an address that is no proxy of this service`)
  }
  mustBeOnce(rawHeaders, HEADER)
  // What is quoted was chosen by whoever has the certificate: its subject may read like anything. An URI needs no quotes.
  const said = text.replaceAll(/"(?:[^"\\]|\\.)*"/g, '')
  // Several elements are several proxies, of which the first may have been anybody.
  if (said.includes(',')) throw refused(`${HEADER} has more than one certificate`)
  if (said.includes('"')) throw refused(`${HEADER} has quotes that do not end`)
  const uris = [...said.matchAll(/(?:^|;)URI=([^;]*)/gi)].map((it) => it[1] as string)
  if (uris.length > 1) throw refused(`the certificate has more than one URI`)
  return services.get(uris[0] ?? '')
}
