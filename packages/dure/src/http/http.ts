import fastify, { type FastifyInstance } from 'fastify'
import type { AddressInfo } from 'node:net'
import type { Application } from '../app/calls.ts'
import type { Identity } from '../identity/identity.ts'
import { fault } from '../kernel/errors/fault.ts'
import type { World } from '../kernel/world.ts'
import type { System } from '../model/system.ts'
import { refuseUndecided } from '../model/access/decisions.ts'
import { callersOf } from './callers.ts'
import { answerClientError } from './client-errors.ts'
import { endpointsOf } from './endpoint.ts'
import { failureHandler, type HttpFailure } from './failures.ts'
import { handlerOf } from './handlers.ts'
import { answerDocuments, DOCUMENTS } from './documents.ts'
import { answerHealth, HEALTH, type Degraded, type Ready } from './health.ts'
import { parseJsonBody } from './json-body.ts'
import { OpenConnections } from './open-connections.ts'
import { createAdmission, type Admission } from './overload/admission.ts'
import type { GateOptions } from './overload/gate.ts'
import { RateLimit } from './overload/rate-limit.ts'
import { answerPublishedLogs, publishedLogPaths, type PublishedLogs } from './published-log.ts'
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
  /**
   * Ways in which requests say who they are from, such as `oidc(…)`. What no decision of the model lets a caller do is refused;
   * without any, everybody is anonymous.
   */
  readonly identity?: Identity | readonly Identity[]
  /**
   * Tells callers what failed inside. Without an identity, whoever asks may do everything, and the headers `dure-actor`,
   * `dure-tenant` and `dure-roles` say who asks; who sends `dure-roles` is held to them.
   */
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
  /**
   * How many requests are worked on at once (512) and how many wait for their turn (1024), a second at most. One more is
   * answered 503 with Retry-After before its body is read. Health and documents are always answered.
   */
  readonly overload?: GateOptions
  /** Most requests a second of one tenant, else of one actor, else of one address; more are answered 429. 0: no limit. */
  readonly rateLimit?: number
  /**
   * Logs that are served under `/e/<context>` to the processes of other contexts, with an identity only to services; none
   * when absent.
   */
  readonly logs?: PublishedLogs
}

/** The HTTP edge of a process. */
export interface Http {
  /** Starts to listen; port 0 picks a free one. @throws DURE_PORT_IN_USE */
  listen(at: {
    readonly port: number
    readonly host?: string
  }): Promise<{ readonly host: string; readonly port: number }>
  /** `/readyz` says no from now on, so that load balancers send nothing more; what comes is answered all the same. */
  leave(): void
  /** Requests that are worked on or wait for their turn. */
  readonly busy: number
  /**
   * Accepts nothing more, answers what is in flight, then closes; idle connections at once. Resolves to how many requests
   * were cut off after `graceMs`, those of `timeouts.closeMs` when absent.
   */
  close(graceMs?: number): Promise<number>
  /** The server underneath, to add plugins before `listen`. */
  readonly server: FastifyInstance
}

const MAX_BODY = 1024 * 1024
const MAX_PARAMETER = 4096
const SWEEP_MS = 25
const ROOM: GateOptions = { limit: 512, queue: 1024 }

/**
 * The HTTP edge of a system: `POST /c/<context>/<command>`, `GET` and `POST /q/<context>/<query>` with the context in lower
 * case, its REST routes, `/healthz` and `/readyz`. Every error is a problem document (RFC 9457).
 * @throws DURE_MODEL_INVALID, DURE_MODEL_DUPLICATE for routes that contradict the model
 */
export function createHttp(options: HttpOptions): Http {
  const { application, world, development = false, timeouts = {} } = options
  const endpoints = endpointsOf(options.system)
  const identities = listOf(options.identity)
  if (identities !== undefined) refuseUndecided(options.system)
  const callers = callersOf(identities, development, world)
  const rate = options.rateLimit ? new RateLimit(options.rateLimit, world) : undefined
  const state = { closing: false, leaving: false }
  const server = createServer(options, state)
  const connections = new OpenConnections(server.server)
  const admission = createAdmission(server, options.overload ?? ROOM, world)
  acceptJsonOnly(server)
  answerHealth(server, readyUnless(state, options.ready), options.degraded ?? (() => []))
  for (const it of endpoints) {
    server.route({
      method: it.method,
      url: it.path,
      onRequest: admission.onRequest,
      handler: admission.during(handlerOf(it, { application, world, callers, rate })),
    })
  }
  const { logs = new Map() } = options
  answerPublishedLogs(server, logs, callers, identities !== undefined)
  if (options.documents !== false) answerDocuments(server, options.system, options.version, identities)
  const own = (options.documents === false ? HEALTH : [...HEALTH, ...DOCUMENTS])
    .concat(publishedLogPaths(logs))
    .map((path) => ({
      method: 'GET',
      path,
    }))
  server.setNotFoundHandler(unknownPathHandler(options.system, [...own, ...endpoints]))
  return {
    server,
    async listen({ port, host = '127.0.0.1' }) {
      await callers.ready
      return listen(server, host, port)
    },
    leave: () => void (state.leaving = true),
    get busy() {
      return admission.busy()
    },
    close(graceMs = timeouts.closeMs ?? 10_000) {
      state.closing = state.leaving = true
      connections.announceEnd()
      return close(server, admission, world, graceMs)
    },
  }
}

function listOf(identity: HttpOptions['identity']): readonly Identity[] | undefined {
  if (identity === undefined) return undefined
  return 'start' in identity ? [identity] : identity
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
    const { code = '' } = error as NodeJS.ErrnoException
    if (code === 'EADDRINUSE') throw fault('DURE_PORT_IN_USE', { host, port }, error)
    const reason = addressProblems[code]
    if (reason === undefined) throw error
    throw fault('DURE_HOST_ADDRESS', { host, port, reason }, error)
  }
  return { host, port: (server.server.address() as AddressInfo).port }
}

const addressProblems: Readonly<Record<string, string>> = {
  EADDRNOTAVAIL: 'no such address on this machine',
  EAFNOSUPPORT: 'no such kind of address on this machine',
  EACCES: 'the port needs a right that the process does not have',
  ENOTFOUND: 'the name is not known',
  EAI_AGAIN: 'the name cannot be looked up',
  EINVAL: 'the address is not complete',
}

function readyUnless(state: { readonly leaving: boolean }, ready: Ready = () => Promise.resolve([])): Ready {
  return () => (state.leaving ? Promise.resolve(['the process is stopping']) : ready())
}

async function close(
  server: FastifyInstance,
  admission: Admission,
  world: World,
  graceMs: number,
): Promise<number> {
  let cut = 0
  const cancel = world.after(graceMs, () => {
    cut = admission.busy()
    server.server.closeAllConnections()
  })
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
  return cut
}
