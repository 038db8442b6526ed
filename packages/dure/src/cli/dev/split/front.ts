import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import { systemWorld } from '../../../host/system-world.ts'
import { createHttp } from '../../../http/index.ts'
import { PROBLEM_TYPE, problemOf } from '../../../http/problem.ts'
import type { DureError } from '../../../kernel/error.ts'
import { endpointsOf } from '../../../http/endpoint.ts'
import { fault } from '../../../kernel/errors/fault.ts'
import type { System } from '../../../model/system.ts'

/** A process that hangs, as at a breakpoint, must not hang whoever asks for ever. */
const SILENCE_MS = 60_000
const READY_MS = 2_000

/** One address for a system whose contexts run apart, as a proxy is in production. */
export interface Front {
  close(): Promise<void>
}

/**
 * Passes each request to the process of its context, by the paths of the system; whatever belongs to none goes to the first
 * process. The documents are of the whole system.
 * @throws DURE_PORT_IN_USE
 */
export async function openFront(
  system: System,
  ports: ReadonlyMap<string, number>,
  at: { readonly host: string; readonly port: number },
): Promise<Front> {
  const patterns = endpointsOf(system).map(({ method, path, context }) => ({
    method,
    matches: new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/:\w+/g, '[^/]+')}$`),
    context,
  }))
  const whole = createHttp({ system, application: nowhere, world: systemWorld })
  const documents = new Set(['/openapi.json', '/reference'])

  const contextOf = (method: string, path: string): string | undefined => {
    const named = /^\/[cqe]\/([^/]+)/.exec(path)?.[1]
    const owner = system.contexts.find((it) => it.name.toLowerCase() === named)?.name
    const there = patterns.filter((it) => it.matches.test(path))
    const asked = method === 'HEAD' ? 'GET' : method
    // A method that the path does not have is refused by whoever has the path.
    return owner ?? (there.find((it) => it.method === asked) ?? there[0])?.context
  }

  const server = createServer((incoming, outgoing) => {
    const [path = '/'] = (incoming.url ?? '/').split('?')
    if (documents.has(path)) {
      void document(whole, path, outgoing)
      return
    }
    if (path === '/readyz') {
      void answerReady(ports, outgoing)
      return
    }
    const context = contextOf(incoming.method ?? 'GET', path) ?? system.contexts[0]?.name ?? ''
    pass(incoming, outgoing, context, ports.get(context) ?? 0)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'EADDRINUSE' ? fault('DURE_PORT_IN_USE', at, error) : error)
    })
    server.listen(at.port, at.host, resolve)
  })
  return {
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await Promise.all([closed, whole.close()])
    },
  }
}

const refuse = (): Promise<never> => Promise.reject(fault('DURE_HTTP_INTERNAL', {}))
const nowhere = { command: refuse, query: refuse }

async function document(
  { server }: ReturnType<typeof createHttp>,
  path: string,
  outgoing: ServerResponse,
): Promise<void> {
  const { statusCode, headers, rawPayload } = await server.inject(path)
  outgoing.writeHead(statusCode, headers as Record<string, string>).end(rawPayload)
}

/** Ready when all processes are. */
async function answerReady(ports: ReadonlyMap<string, number>, outgoing: ServerResponse): Promise<void> {
  const states = await Promise.all(
    Array.from(ports, async ([context, port]) => {
      const asked = fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(READY_MS) })
      const is = await asked.then(
        ({ status }) => (status === 200 ? undefined : `it answers ${status}`),
        () => 'it does not answer',
      )
      return is === undefined ? [] : [`${context}: ${is}`]
    }),
  )
  const reasons = states.flat()
  if (reasons.length > 0) {
    refuseWith(outgoing, fault('DURE_HTTP_NOT_READY', { reasons }))
    return
  }
  outgoing.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' })
  outgoing.end(JSON.stringify({ status: 'ready' }))
}

function pass(incoming: IncomingMessage, outgoing: ServerResponse, context: string, port: number): void {
  const { method, url, headers } = incoming
  const onward = request({ host: '127.0.0.1', port, path: url, method, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(outgoing)
  })
  onward.setTimeout(SILENCE_MS, () => onward.destroy(new Error(`it was silent for ${SILENCE_MS / 1000} s`)))
  onward.on('error', (error) => {
    if (outgoing.headersSent) outgoing.destroy()
    else {
      const reason = `${context} does not answer: ${error.message}. See what it says in the log of dure dev --split`
      refuseWith(outgoing, fault('DURE_HTTP_NOT_READY', { reasons: [reason] }))
    }
  })
  outgoing.on('close', () => onward.destroy())
  incoming.pipe(onward)
}

function refuseWith(outgoing: ServerResponse, error: DureError): void {
  const problem = problemOf(error)
  outgoing.writeHead(problem.status, { 'content-type': PROBLEM_TYPE, 'retry-after': '1' })
  outgoing.end(JSON.stringify(problem))
}
