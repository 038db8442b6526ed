import fastify, { type FastifyInstance } from 'fastify'
import type { AddressInfo } from 'node:net'
import type { Application } from '../app/calls.ts'
import { fault } from '../kernel/errors/fault.ts'
import type { World } from '../kernel/world.ts'
import type { System } from '../model/system.ts'
import { answerClientError } from './client-errors.ts'
import { endpointsOf } from './endpoint.ts'
import { failureHandler, type HttpFailure } from './failures.ts'
import { handlerOf } from './handlers.ts'
import { answerDocuments, DOCUMENTS } from './documents.ts'
import { answerHealth, HEALTH, type Degraded, type Ready } from './health.ts'
import { parseJsonBody } from './json-body.ts'
import { unknownPathHandler } from './unknown-path.ts'

/** How long things may take, in milliseconds. */
export interface HttpTimeouts {
  /** The header of a request, from its first byte: 10 s. */
  readonly headerMs?: number
  /** A whole request, body included: 30 s. */
  readonly requestMs?: number
  /** An idle connection: 72 s, longer than the 60 s of common load balancers, so that they are the first to close. */
  readonly keepAliveMs?: number
  /** What is in flight when the server closes: 10 s, then the connections are cut. */
  readonly closeMs?: number
}

export interface HttpOptions {
  readonly system: System
  readonly application: Application
  readonly world: World
  /** Tells callers what failed inside, and lets the header `dure-actor` say who asks. */
  readonly development?: boolean
  /** Largest body in bytes: 1 MiB. */
  readonly bodyLimit?: number
  /** Serves `/openapi.json` and `/reference`: yes, unless told not to. */
  readonly documents?: boolean
  /** Version of the application, for the document. */
  readonly version?: string
  /** For `/readyz`. */
  readonly ready?: Ready
  /** For `/readyz`: said beside being ready. */
  readonly degraded?: Degraded
  /** Told of each error inside; callers get only its id. */
  readonly log?: (failure: HttpFailure) => void
  readonly timeouts?: HttpTimeouts
}

/** The HTTP edge of a process. */
export interface Http {
  /** Starts to listen; port 0 picks a free one. @throws DURE_PORT_IN_USE */
  listen(at: {
    readonly port: number
    readonly host?: string
  }): Promise<{ readonly host: string; readonly port: number }>
  /** Accepts nothing more, answers what is in flight, then closes; idle connections at once. */
  close(): Promise<void>
  /** The server underneath, to add plugins before `listen`. */
  readonly server: FastifyInstance
}

const MAX_BODY = 1024 * 1024
const MAX_PARAMETER = 4096
const SWEEP_MS = 25

/**
 * The HTTP edge of a system: `POST /c/<context>/<command>`, `GET` and `POST /q/<context>/<query>` with the context in lower
 * case, its REST routes, `/healthz` and `/readyz`. Every error is a problem document (RFC 9457).
 * @throws DURE_MODEL_INVALID, DURE_MODEL_DUPLICATE for routes that contradict the model
 */
export function createHttp(options: HttpOptions): Http {
  const { application, world, development = false, timeouts = {} } = options
  const endpoints = endpointsOf(options.system)
  const state = { closing: false }
  const server = createServer(options, state)
  acceptJsonOnly(server)
  answerHealth(server, options.ready ?? (() => Promise.resolve([])), options.degraded ?? (() => []))
  for (const it of endpoints) {
    server.route({
      method: it.method,
      url: it.path,
      handler: handlerOf(it, { application, world, development }),
    })
  }
  if (options.documents !== false) answerDocuments(server, options.system, options.version)
  const own = (options.documents === false ? HEALTH : [...HEALTH, ...DOCUMENTS]).map((path) => ({
    method: 'GET',
    path,
  }))
  server.setNotFoundHandler(unknownPathHandler(options.system, [...own, ...endpoints]))
  return {
    server,
    listen: ({ port, host = '127.0.0.1' }) => listen(server, host, port),
    async close() {
      state.closing = true
      await close(server, world, timeouts.closeMs ?? 10_000)
    },
  }
}

function createServer(options: HttpOptions, state: { readonly closing: boolean }): FastifyInstance {
  const { world, development = false, bodyLimit = MAX_BODY, log = () => undefined, timeouts = {} } = options
  const isClosing = (): boolean => state.closing
  const onFailure = failureHandler({ world, development, bodyLimit, log, isClosing })
  const { headerMs = 10_000, requestMs = 30_000, keepAliveMs = 72_000 } = timeouts
  const server = fastify({
    bodyLimit,
    requestTimeout: requestMs,
    keepAliveTimeout: keepAliveMs,
    // Node looks for slow connections in this interval only.
    http: { headersTimeout: headerMs, connectionsCheckingInterval: Math.min(headerMs, 5000) },
    // A request that arrives on an open connection while closing is answered like any other.
    return503OnClosing: false,
    frameworkErrors: (error, request, reply) => void onFailure(error, request as never, reply as never),
    clientErrorHandler: answerClientError,
    routerOptions: { maxParamLength: MAX_PARAMETER },
  })
  server.setErrorHandler(onFailure)
  return server
}

function acceptJsonOnly(server: FastifyInstance): void {
  server.removeAllContentTypeParsers()
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const type = request.headers['content-type'] as string
    if (type !== 'application/json' && /;\s*charset\s*=(?!\s*"?utf-?8"?\s*(;|$))/i.test(type)) {
      return done(fault('DURE_HTTP_MEDIA_TYPE', { found: type.slice(0, 100) }))
    }
    done(null, parseJsonBody(body as Buffer))
  })
}

async function listen(server: FastifyInstance, host: string, port: number) {
  try {
    await server.listen({ host, port })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    throw fault('DURE_PORT_IN_USE', { host, port }, error)
  }
  return { host, port: (server.server.address() as AddressInfo).port }
}

async function close(server: FastifyInstance, world: World, graceMs: number): Promise<void> {
  const cancel = world.after(graceMs, () => server.server.closeAllConnections())
  // Node closes the connections that are idle when the closing begins, not those that become so.
  let closed = false
  const sweep = (): void => {
    server.server.closeIdleConnections()
    if (!closed) world.after(SWEEP_MS, sweep)
  }
  sweep()
  await server.close()
  closed = true
  cancel()
}
