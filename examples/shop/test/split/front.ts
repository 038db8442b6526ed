import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { routes } from '../../src/routes.ts'

/** What stands before the processes of a shop: one address, and each request to one of the replicas in turn. */
export interface Front {
  readonly url: string
  /** A port on which a replica of a context answers. */
  add(context: string, port: number): void
  close(): Promise<void>
}

const patterns = routes.map(({ path, target }) => ({
  pattern: new RegExp(`^${path.replaceAll(/:\w+/g, '[^/]+')}$`),
  context: target.context,
}))

export async function openFront(): Promise<Front> {
  const replicas = new Map<string, readonly number[]>()
  let turn = 0

  const server = createServer((incoming, outgoing) => {
    const { context, path } = targetOf(incoming.url ?? '/')
    const ports = replicas.get(context ?? '') ?? []
    const port = ports[turn++ % Math.max(1, ports.length)]
    if (port === undefined) {
      outgoing.writeHead(503).end('{}')
      return
    }
    // A replica that does not answer is left out from then on.
    const left = ports.filter((it) => it !== port)
    pass(incoming, outgoing, port, path, () => void replicas.set(context ?? '', left))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    add: (context, port) => void replicas.set(context, [...(replicas.get(context) ?? []), port]),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function targetOf(url: string): { readonly context: string | undefined; readonly path: string } {
  const named = /^\/to\/(\w+)(\/.*)$/.exec(url)
  if (named !== null) return { context: named[1], path: named[2] ?? '/' }
  const [path = ''] = url.split('?')
  return { context: patterns.find((it) => it.pattern.test(path))?.context, path: url }
}

function pass(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  port: number,
  path: string,
  onDead: () => void,
): void {
  const { method, headers } = incoming
  const onward = request({ host: '127.0.0.1', port, path, method, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(outgoing)
  })
  onward.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'ECONNREFUSED') onDead()
    if (!outgoing.headersSent) outgoing.writeHead(503, { 'retry-after': '0' }).end('{}')
  })
  outgoing.on('close', () => onward.destroy())
  incoming.pipe(onward)
}
